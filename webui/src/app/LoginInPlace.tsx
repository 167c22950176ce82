import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import styles from "./app.module.css";
import { Login } from "./Login";
import type { Session } from "./session";

interface Props {
  former: string;
  onLoggedIn(session: Session): void;
}

/** In front of everything, dialogs included, and over all of it: what is behind is nobody's to read, and stays as it is. */
export function LoginInPlace({ former, onLoggedIn }: Props) {
  return (
    <ModalOverlay isOpen isKeyboardDismissDisabled className={styles.curtain ?? ""}>
      <Modal>
        <Dialog role="alertdialog" aria-labelledby="login" className={styles.center ?? ""}>
          {/* Who has an account here has a second factor; somebody else who enrols one begins with a page of his own. */}
          <Login former={former} onLoggedIn={onLoggedIn} onRecoveryCodes={() => undefined} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
