import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Notice } from "../ui/controls";
import styles from "./app.module.css";
import { Decision, useSecondsUntil } from "./PendingSettings";
import type { Ticket } from "./settings";

/** What the page at the new address is told, behind the `#`, where no server sees it. @param deadline in ms */
export function writeRight({ change, token }: Pick<Ticket, "change" | "token">, deadline: number): string {
  return [change, token, deadline].join(".");
}

/** As {@link writeRight} wrote it; null where it is nothing of that kind. */
export function readRight(text: string): { change: number; token: string; deadline: number } | null {
  const [, change, token, deadline] = /^#?(\d+)\.([\w-]+)\.(\d+)$/.exec(text) ?? [];
  if (!change || !token || !deadline) return null;
  return { change: Number(change), token, deadline: Number(deadline) };
}

/** At the box's new address, where nobody is logged in: having come here, one may say that the change works. */
export function ConfirmSettings() {
  const { t } = useTranslation();
  const [right] = useState(() => readRight(window.location.hash));
  const [confirmed, setConfirmed] = useState<boolean | null>(null);
  const left = useSecondsUntil(right?.deadline ?? 0);
  return (
    <main className={styles.center}>
      <div className={styles.card}>
        <h1>{t("settings.pending.title")}</h1>
        {!right && <Notice kind="bad">{t("settings.pending.noLink")}</Notice>}
        {right && confirmed === null && (
          <>
            <p>{t("settings.pending.here", { address: window.location.host })}</p>
            <p role="timer">{t("settings.pending.left", { count: left })}</p>
            <Decision right={right} mayConfirm onDecided={setConfirmed} />
          </>
        )}
        {confirmed !== null && (
          <Notice kind={confirmed ? "good" : "bad"}>
            {t(`settings.ended.${confirmed ? "confirmed" : "undone"}`)}
          </Notice>
        )}
        <p>
          <Link to="/reglages-de-la-boite">{t("settings.title")}</Link>
        </p>
      </div>
    </main>
  );
}
