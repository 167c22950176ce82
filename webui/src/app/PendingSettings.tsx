import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { writeRight } from "./ConfirmSettings";
import {
  type BoxSettings,
  CONFIRMATION_PATH,
  type Right,
  type Ticket,
  useAbandon,
  useConfirm,
} from "./settings";

interface Props {
  pending: NonNullable<BoxSettings["pending"]>;
  /** What this page was given for its change; null where the change is somebody else's, or this page was loaded since. */
  ticket: Ticket | null;
  /** When the box has said how much time is left, by this browser's clock, in ms. */
  seenAt: number;
  /** Absent: this page speaks no longer with the box, which has another certificate now; also the same address is opened anew. */
  onDecided?(): void;
}

/** A change that is in force and undone unless it is confirmed, from where the box is found now. */
export function PendingSettings({ pending, ticket, seenAt, onDecided }: Props) {
  const { t } = useTranslation();
  const left = useSecondsUntil(seenAt + pending.seconds_left * 1000);
  const right = { change: pending.change, token: ticket?.token ?? null };
  const elsewhere = ticket && (!onDecided || ticket.address !== window.location.origin) ? ticket : null;
  const parts = pending.parts.map((part) => t(`settings.sections.${part}`)).join(", ");
  return (
    <section className={`${styles.panel} ${styles.stack}`} aria-labelledby="settings-pending">
      <h2 id="settings-pending">{t("settings.pending.title")}</h2>
      <p>{t("settings.pending.parts", { parts })}</p>
      <p role="timer">{t("settings.pending.left", { count: left })}</p>
      {elsewhere?.address && (
        <>
          <p>{t("settings.pending.elsewhere", { address: elsewhere.address })}</p>
          <p>
            <a
              className={styles.more}
              target="_blank"
              rel="noreferrer"
              href={`${elsewhere.address}${CONFIRMATION_PATH}#${writeRight(elsewhere, seenAt + pending.seconds_left * 1000)}`}
            >
              {t("settings.pending.open")}
            </a>
          </p>
        </>
      )}
      {elsewhere && !elsewhere.address && <p>{t("settings.pending.unknown")}</p>}
      {onDecided && <Decision right={right} mayConfirm={!elsewhere?.address} onDecided={onDecided} />}
    </section>
  );
}

/** The two buttons. */
export function Decision({
  right,
  mayConfirm,
  onDecided,
}: {
  right: Right;
  mayConfirm: boolean;
  onDecided(confirmed: boolean): void;
}) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const abandon = useAbandon();
  const busy = confirm.isPending || abandon.isPending;
  const problem = confirm.error ?? abandon.error;
  return (
    <>
      {problem && <Notice kind="bad">{problem.message || t("common.failed")}</Notice>}
      {confirm.isPending && confirm.failureCount > 0 && <p>{t("settings.pending.applying")}</p>}
      <div className={styles.row}>
        {mayConfirm && (
          <Button
            look="primary"
            isDisabled={busy}
            onPress={() => confirm.mutate(right, { onSuccess: () => onDecided(true) })}
          >
            {t("settings.pending.confirm")}
          </Button>
        )}
        <Button
          isDisabled={busy}
          onPress={() => abandon.mutate(right, { onSuccess: () => onDecided(false) })}
        >
          {t("settings.pending.abandon")}
        </Button>
      </div>
    </>
  );
}

/** Counts down to a moment of this browser's clock, in ms. */
export function useSecondsUntil(deadline: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const ticks = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(ticks);
  }, []);
  return Math.max(0, Math.ceil((deadline - now) / 1000));
}
