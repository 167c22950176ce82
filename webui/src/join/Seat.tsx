import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Meeting } from "../meeting/Meeting";
import { Preview } from "../meeting/Preview";
import { Queue } from "../meeting/Queue";
import { useRoom } from "../meeting/useRoom";
import type { RoomState } from "../room/room";
import { Button, Notice } from "../ui/controls";
import styles from "./join.module.css";

interface Props {
  token: string;
  link: Schemas["LinkView"];
  onAgain(): void;
}

/** A guest’s seat: waiting, accepted, inside, over. */
export function Seat({ token, link, onAgain }: Props) {
  const { t } = useTranslation();
  const [room, state] = useRoom(token);
  const [left, setLeft] = useState<"left" | "cancelled" | null>(null);
  const end = left ?? (state && ending(state));
  if (!room || !state || (!state.stage && !end))
    return <main className={styles.page}>{t("common.loading")}</main>;
  if (end)
    return (
      <main className={styles.page}>
        <Ended end={end} onAgain={onAgain} />
      </main>
    );
  if (state.stage?.name === "inside")
    return <Meeting room={room} state={state} onLeave={() => setLeft("left")} />;
  const accepted = state.stage?.name === "accepted";
  return (
    <main className={styles.page}>
      <div className={styles.office}>{link.office_name}</div>
      <div className={styles.card}>
        <h1>{t("guest.title", { name: state.meeting?.name ?? link.meeting_name })}</h1>
        {!state.connected && <Notice>{t("room.reconnecting")}</Notice>}
        {state.problem && <Notice kind="bad">{state.problem}</Notice>}
        {accepted && link.person ? (
          <Notice kind="good">
            <strong>{t("guest.ready")}</strong>
            {state.me?.role === "spectator" && <div>{t("guest.spectate")}</div>}
          </Notice>
        ) : accepted ? (
          <Notice kind="good">
            <strong>{t("guest.accepted")}</strong>
          </Notice>
        ) : (
          <Notice>
            <strong>{t("guest.waiting")}</strong>
            <div>{t("guest.waitingHint")}</div>
          </Notice>
        )}
        <Preview room={room} state={state} />
        {accepted && <Present state={state} />}
        {state.me?.role === "organizer" && (
          <section aria-label={t("room.waitingRoom")}>
            <h2>{t("room.waitingRoom")}</h2>
            <Queue room={room} queue={state.queue} />
          </section>
        )}
        <div className={styles.row}>
          {accepted && (
            <Button
              look="primary"
              isDisabled={state.joining || !state.devices}
              onPress={() => void room.join()}
            >
              {t(state.joining ? "room.joining" : "room.join")}
            </Button>
          )}
          <Button look="quiet" onPress={() => void room.leave().then(() => setLeft("cancelled"))}>
            {t(link.person ? "login.back" : "guest.cancel")}
          </Button>
        </div>
      </div>
    </main>
  );
}

/** WAIT-04: who is inside, before joining. */
function Present({ state }: { state: RoomState }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t("guest.present")}>
      <h2>{t("guest.present")}</h2>
      {state.participants.length === 0 && <p>{t("guest.nobody")}</p>}
      <ul>
        {state.participants.map((one) => (
          <li key={one.seat}>
            {one.name} ({t(`room.${one.role}`)})
          </li>
        ))}
      </ul>
    </section>
  );
}

function ending(state: RoomState): string | null {
  if (state.gone) return state.gone;
  return state.stage?.name === "ended" ? state.stage.reason : null;
}

const TEXTS: Record<string, { text: string; hint?: string; reset?: boolean }> = {
  refused: { text: "guest.refused", hint: "guest.refusedHint" },
  deleted: { text: "guest.deleted", hint: "guest.deletedHint", reset: true },
  cancelled: { text: "guest.cancelled", reset: true },
  left: { text: "guest.left" },
  meeting_closed: { text: "guest.closed" },
  code_changed: { text: "guest.codeChanged", hint: "guest.codeChangedHint", reset: true },
  uninvited: { text: "guest.uninvited" },
  lost: { text: "guest.lost" },
  replaced: { text: "room.replaced" },
  unknown: { text: "room.unknown" },
};

function Ended({ end, onAgain }: { end: string; onAgain(): void }) {
  const { t } = useTranslation();
  const told = TEXTS[end] ?? { text: "room.unknown" };
  return (
    <div className={styles.card}>
      <Notice kind={end === "refused" ? "bad" : "good"}>
        <strong>{t(told.text)}</strong>
        {told.hint && <div>{t(told.hint)}</div>}
      </Notice>
      <Button onPress={onAgain}>{t(told.reset ? "guest.reset" : "guest.again")}</Button>
    </div>
  );
}
