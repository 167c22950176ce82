import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/controls";
import styles from "./app.module.css";

interface Props {
  people: number;
  onClose(): void;
  onRestart(): void;
}

/** Before people are cut off. */
export function RestartDialog({ people, onClose, onRestart }: Props) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isOpen
      isDismissable
      className={styles.dialog ?? ""}
      onOpenChange={(open) => open || onClose()}
    >
      <Modal className={styles.card ?? ""}>
        <Dialog role="alertdialog">
          <Heading slot="title">{t("updates.restartNow")}</Heading>
          <p>{t("updates.restartAsk", { count: people })}</p>
          <div className={styles.row}>
            <Button autoFocus onPress={onClose}>
              {t("meetings.cancel")}
            </Button>
            <Button look="danger" onPress={onRestart}>
              {t("updates.restartAnyway")}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
