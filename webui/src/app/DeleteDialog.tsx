import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/controls";
import styles from "./app.module.css";
import type { PermanentMeeting } from "./meetings";

interface Props {
  meeting: PermanentMeeting;
  onClose(): void;
  onDelete(): void;
}

export function DeleteDialog({ meeting, onClose, onDelete }: Props) {
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
          <Heading slot="title">{t("meetings.delete")}</Heading>
          <p>{t("meetings.deleteAsk", { name: meeting.name })}</p>
          <div className={styles.row}>
            <Button autoFocus onPress={onClose}>
              {t("meetings.cancel")}
            </Button>
            <Button look="danger" onPress={onDelete}>
              {t("meetings.delete")}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
