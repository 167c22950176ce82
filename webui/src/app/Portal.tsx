import { Outlet } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { FirstPassword } from "./FirstPassword";
import { Login } from "./Login";
import { RecoveryCodes } from "./RecoveryCodes";
import { useSession } from "./session";
import { useLive } from "./useLive";

/** The espace client: nothing of it without a login. */
export function Portal() {
  const { t } = useTranslation();
  const session = useSession();
  // Here, where nothing takes them away before they are noted: the page inside comes as soon as there is a session.
  const [codes, setCodes] = useState<string[] | null>(null);
  if (codes) return <RecoveryCodes codes={codes} onDone={() => setCodes(null)} />;
  if (session.isPending) return <main className={styles.center}>{t("common.loading")}</main>;
  // One that is known stays, while the box starts anew.
  if (session.isError && session.data === undefined)
    return (
      <main className={styles.center}>
        <div>
          <Notice kind="bad">{t("common.failed")}</Notice>
          <Button onPress={() => void session.refetch()}>{t("common.retry")}</Button>
        </div>
      </main>
    );
  if (session.data?.new_password_required) return <FirstPassword />;
  return session.data ? <Inside /> : <Login onRecoveryCodes={setCodes} />;
}

/** Whoever is logged in hears what changes. */
function Inside() {
  useLive();
  return <Outlet />;
}
