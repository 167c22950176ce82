import { useQueryClient } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { onLoggedOut } from "../api/client";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { FirstPassword } from "./FirstPassword";
import { Login } from "./Login";
import { LoginInPlace } from "./LoginInPlace";
import { RecoveryCodes } from "./RecoveryCodes";
import { Leaving, type Session, useResume, useSession, useSetSession } from "./session";
import { useLive } from "./useLive";

/** The espace client: nothing of it without a login. */
export function Portal() {
  const { t } = useTranslation();
  const session = useSession();
  const setSession = useSetSession();
  // Here, where nothing takes them away before they are noted: the page inside comes as soon as there is a session.
  const [codes, setCodes] = useState<string[] | null>(null);
  // Whose page this is. Where the session ends by itself it waits, out of sight, for its user to go on (AUTH-07).
  const [owner, setOwner] = useState<Session | null>(null);
  // The box says that the session is over before it says that it has ended it.
  const [leaving, setLeaving] = useState(false);
  const inside = session.data?.new_password_required === false ? session.data : null;
  if (inside && inside !== owner) setOwner(inside);
  useWatch();

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
  const leave = (ending: Promise<unknown>) => {
    setLeaving(true);
    const left = () => {
      // First: a page whose session is there has an owner.
      setSession(null);
      setOwner(null);
      setLeaving(false);
    };
    void ending.then(left, left);
  };
  const page = inside ?? owner;
  if (!page)
    return (
      <main className={styles.center}>
        <Login onLoggedIn={setSession} onRecoveryCodes={setCodes} />
      </main>
    );
  return (
    <Leaving.Provider value={leave}>
      <Inside isIn={inside !== null} />
      {!inside && !leaving && <EndedSession of={page} />}
    </Leaving.Provider>
  );
}

/** Whoever is logged in hears what changes. */
function Inside({ isIn }: { isIn: boolean }) {
  useLive(isIn);
  return <Outlet />;
}

/** The login in front of the page: the same user goes on with it, and anybody else begins with one of his own. */
function EndedSession({ of: { user } }: { of: Session }) {
  const resume = useResume();
  const goOn = (session: Session) => {
    if (session.user.id === user.id && !session.new_password_required) resume(session);
    else location.assign("/");
  };
  return <LoginInPlace former={user.login} onLoggedIn={goOn} />;
}

/** Looks whether there still is a session, as soon as the box says that something needs one. */
function useWatch(): void {
  const queries = useQueryClient();
  useEffect(() => onLoggedOut(() => void queries.invalidateQueries({ queryKey: ["session"] })), [queries]);
}
