import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/controls";
import styles from "./app.module.css";

interface Props {
  title: string;
  /** What the button that goes on says. */
  action: string;
  children: ReactNode;
  onClose(): void;
  onConfirm(): void;
}

/** Before something that cannot be taken back. Whoever presses Enter cancels. */
export function ConfirmDialog({ title, action, children, onClose, onConfirm }: Props) {
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
          <Heading slot="title">{title}</Heading>
          <p>{children}</p>
          <div className={styles.row}>
            <Button autoFocus onPress={onClose}>
              {t("meetings.cancel")}
            </Button>
            <Button look="danger" onPress={onConfirm}>
              {action}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
