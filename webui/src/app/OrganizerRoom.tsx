import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api } from "../api/client";
import { Meeting } from "../meeting/Meeting";
import { Preview } from "../meeting/Preview";
import { Queue } from "../meeting/Queue";
import { useRoom } from "../meeting/useRoom";
import { Button, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { useAllMeetings } from "./meetings";
import { useScheduledMeeting } from "./scheduled/scheduled";

/** Of which kind a meeting is: where its seats are asked for, and where one goes back to. */
export type Kind = "permanent" | "scheduled";

/** The organizer’s way in (PERM-06, DASH-09): a seat, kept over a reload; no field to fill in. */
export function OrganizerRoom({ kind, meeting }: { kind: Kind; meeting: number }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const back = () =>
    void navigate({ to: kind === "permanent" ? "/reunions-permanentes" : "/reunions-programmees" });
  const key = `tabellion:organizer:${meeting}`;
  const seat = useQuery<string, ApiProblem>({
    queryKey: ["seat", kind, meeting],
    queryFn: async () => {
      const kept = sessionStorage.getItem(key);
      if (kept) return kept;
      const params = { params: { path: { id: meeting } } };
      const grant = await answered(
        kind === "permanent"
          ? api.POST("/api/permanent-meetings/{id}/seat", params)
          : api.POST("/api/scheduled-meetings/{id}/seat", params),
      );
      sessionStorage.setItem(key, grant.seat_token);
      return grant.seat_token;
    },
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const leave = () => {
    sessionStorage.removeItem(key);
    back();
  };
  if (seat.isError)
    return (
      <main className={styles.room}>
        <Notice kind="bad">{seat.error.message || t("common.failed")}</Notice>
        <Button onPress={back}>{t("room.backToMeetings")}</Button>
      </main>
    );
  if (!seat.data) return <main className={styles.room}>{t("common.loading")}</main>;
  const retake = () => {
    sessionStorage.removeItem(key);
    void seat.refetch();
  };
  return (
    <OrganizerSeat key={seat.data} token={seat.data} onLeave={leave} onUnknown={retake}>
      {kind === "permanent" ? <PermanentCode meeting={meeting} /> : <ScheduledCode meeting={meeting} />}
    </OrganizerSeat>
  );
}

function PermanentCode({ meeting }: { meeting: number }) {
  return <Code code={useAllMeetings().data?.find((one) => one.id === meeting)?.code} />;
}

function ScheduledCode({ meeting }: { meeting: number }) {
  return <Code code={useScheduledMeeting(meeting).data?.code} />;
}

/** The code is filled in: whoever organizes gives none. */
function Code({ code }: { code: string | null | undefined }) {
  const { t } = useTranslation();
  return code ? <Field label={t("room.codeFilled")} type="password" value={code} isReadOnly /> : null;
}

interface SeatProps {
  token: string;
  children: ReactNode;
  onLeave(): void;
  onUnknown(): void;
}

function OrganizerSeat({ token, children, onLeave, onUnknown }: SeatProps) {
  const { t } = useTranslation();
  const [room, state] = useRoom(token);
  if (!room || !state) return <main className={styles.room}>{t("common.loading")}</main>;
  const over = state.gone ?? (state.stage?.name === "ended" ? state.stage.reason : null);
  if (over === "unknown" || over === "lost")
    return (
      <main className={styles.room}>
        <Notice>{t("room.unknown")}</Notice>
        <Button look="primary" onPress={onUnknown}>
          {t("common.retry")}
        </Button>
      </main>
    );
  if (over)
    return (
      <main className={styles.room}>
        <Notice>
          {t(over === "replaced" ? "room.replaced" : over === "left" ? "guest.left" : "guest.closed")}
        </Notice>
        <Button onPress={onLeave}>{t("room.backToMeetings")}</Button>
      </main>
    );
  if (state.stage?.name === "inside") return <Meeting room={room} state={state} onLeave={onLeave} />;
  return (
    <main className={styles.room}>
      <h1>{t("room.title", { name: state.meeting?.name ?? "…" })}</h1>
      {!state.connected && <Notice>{t("room.reconnecting")}</Notice>}
      {state.problem && <Notice kind="bad">{state.problem}</Notice>}
      <div className={styles.columns}>
        <section className={styles.panel}>
          <Preview room={room} state={state} />
          {children}
          <div className={styles.row}>
            <Button
              look="primary"
              isDisabled={state.joining || !state.devices || !state.stage}
              onPress={() => void room.join()}
            >
              {t(state.joining ? "room.joining" : "room.join")}
            </Button>
            <Button look="quiet" onPress={() => void room.leave().then(onLeave)}>
              {t("login.back")}
            </Button>
          </div>
        </section>
        <section className={styles.panel}>
          <h2>{t("room.waitingRoom")}</h2>
          <Queue room={room} queue={state.queue} />
        </section>
      </div>
    </main>
  );
}
