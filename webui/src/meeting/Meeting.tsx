import { useState } from "react";
import { useTranslation } from "react-i18next";
import { canShareScreen } from "../room/devices";
import type { Missing, Room, RoomState } from "../room/room";
import type { Shown } from "../room/tiles";
import type { Participant } from "../room/wire";
import { Button, Notice } from "../ui/controls";
import { Bell, Camera, Gauge, HangUp, Microphone, People, Screen } from "../ui/icons";
import { Bandwidth } from "./Bandwidth";
import styles from "./meeting.module.css";
import { Picture, Sound } from "./Player";
import { Queue } from "./Queue";

type Panel = "participants" | "queue" | "bandwidth";

/** The running meeting: the others, oneself, and the bar. */
export function Meeting({ room, state, onLeave }: { room: Room; state: RoomState; onLeave(): void }) {
  const { t } = useTranslation();
  const [panel, setPanel] = useState<Panel | null>(null);
  const toggle = (one: Panel) => setPanel(panel === one ? null : one);
  const me = state.me?.seat;
  const others = state.participants.filter((one) => one.seat !== me);
  const organizer = state.me?.role === "organizer";
  const late = state.queue.length;
  return (
    <main className={styles.stage}>
      <header className={styles.top}>
        <h1 title={state.meeting?.name}>{t("room.title", { name: state.meeting?.name ?? "" })}</h1>
        {organizer && late > 0 && (
          <div className={styles.late}>
            <Button onPress={() => toggle("queue")}>
              <Bell />
              {t("room.late", { count: late })}
            </Button>
          </div>
        )}
      </header>
      <div className={styles.notices}>
        {!state.connected && <Notice>{t("room.reconnecting")}</Notice>}
        {state.problem && <Notice kind="bad">{state.problem}</Notice>}
        {state.sharing && <Notice>{t("room.sharing")}</Notice>}
      </div>
      <div className={styles.middle}>
        <Tiles room={room} state={state} others={others} />
        {panel === "queue" && late > 0 && (
          <aside className={styles.panel}>
            <h2>{t("room.waitingRoom")}</h2>
            <Queue room={room} queue={state.queue} />
          </aside>
        )}
        {panel === "participants" && <Participants participants={state.participants} me={me} />}
        {panel === "bandwidth" && (
          <Bandwidth
            limit={state.bandwidth}
            onChoose={(kbps) => room.limitBandwidth(kbps)}
            onClose={() => setPanel(null)}
          />
        )}
      </div>
      {state.slots
        .filter((slot) => slot.kind === "audio")
        .map((slot) => (
          <Sound key={slot.mid} stream={room.slot(slot.mid)} />
        ))}
      <Bar room={room} state={state} panel={panel} onPanel={toggle} onLeave={onLeave} />
    </main>
  );
}

interface TilesProps {
  room: Room;
  state: RoomState;
  others: Participant[];
}

/** The others, and oneself in the corner. */
function Tiles({ room, state, others }: TilesProps) {
  const { t } = useTranslation();
  const columns = Math.ceil(Math.sqrt(Math.max(others.length, 1)));
  // The box gives one screen at a time.
  const presenter = others.find((one) => room.stream({ seat: one.seat, content: "slides" }));
  const tile = (one: Participant, content: Shown["content"]) => {
    const shown = { seat: one.seat, content };
    return (
      <Tile
        key={`${one.seat} ${content}`}
        one={one}
        content={content}
        stream={room.stream(shown)}
        missing={room.missing(shown)}
        limited={state.bandwidth !== null}
        speaks={content === "main" && state.speaker === one.seat}
        onRows={(rows) => room.shows(shown, rows)}
      />
    );
  };
  return (
    <div
      className={styles.tiles}
      data-presentation={presenter ? "" : undefined}
      style={{ "--columns": columns, "--people": Math.max(others.length, 1) } as React.CSSProperties}
    >
      {others.length === 0 && <p className={styles.alone}>{t("room.alone")}</p>}
      {presenter && tile(presenter, "slides")}
      {others.map((one) => tile(one, "main"))}
      {state.devices?.camera === null && state.camera && (
        <div className={styles.own}>
          <Picture stream={state.devices.stream} own label={t("room.yourPicture")} />
        </div>
      )}
    </div>
  );
}

interface TileProps {
  one: Participant;
  content: Shown["content"];
  stream: MediaStream | null;
  missing: Missing | null;
  limited: boolean;
  speaks: boolean;
  onRows(rows: number): void;
}

function Tile({ one, content, stream, missing, limited, speaks, onRows }: TileProps) {
  const { t } = useTranslation();
  const slides = content === "slides";
  const name = slides ? t("room.screenOf", { name: one.name }) : one.name;
  const shows = slides || one.camera;
  return (
    <div
      className={styles.tile}
      {...(slides ? { "data-slides": one.seat } : { "data-seat": one.seat, "data-name": one.name })}
      data-camera={shows && stream && !missing ? "on" : "off"}
      data-speaks={speaks ? "" : undefined}
    >
      <span className={styles.initials} aria-hidden="true">
        {initials(one.name)}
      </span>
      <Picture stream={stream} label={name} onRows={onRows} />
      {shows && missing && (
        <p className={styles.missing}>
          {t(missing === "suspended" && limited ? "room.suspendedByLimit" : `room.${missing}`)}
        </p>
      )}
      <span className={styles.name}>
        {!slides && !one.microphone && (
          <span role="img" aria-label={t("room.muted")}>
            <Microphone off />
          </span>
        )}
        {name}
      </span>
    </div>
  );
}

function initials(name: string): string {
  const words = name.replace(/^(Madame|Monsieur|Maître) /, "").split(/\s+/);
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join("");
}

function Participants({ participants, me }: { participants: Participant[]; me: number | undefined }) {
  const { t } = useTranslation();
  return (
    <aside className={styles.panel}>
      <h2>{t("room.participants")}</h2>
      <ul className={styles.list}>
        {participants.map((one) => (
          <li key={one.seat}>
            <div className={styles.who}>
              {one.name} {one.seat === me && `(${t("room.you")})`}
            </div>
            <div className={styles.detail}>
              {t(`room.${one.role}`)} · {t(`room.${one.channel}`)}
              {!one.microphone && ` · ${t("room.muted")}`}
            </div>
          </li>
        ))}
      </ul>
    </aside>
  );
}

interface BarProps {
  room: Room;
  state: RoomState;
  panel: Panel | null;
  onPanel(panel: Panel): void;
  onLeave(): void;
}

function Bar({ room, state, panel, onPanel, onLeave }: BarProps) {
  const { t } = useTranslation();
  const { microphone, camera, sharing, devices } = state;
  return (
    <div className={styles.bar} role="toolbar" aria-label={t("room.bar")}>
      {devices?.microphone === null && (
        <Button
          aria-label={t(microphone ? "room.microphoneOn" : "room.microphoneOff")}
          data-off={microphone ? undefined : ""}
          onPress={() => room.toggleMicrophone()}
        >
          <Microphone off={!microphone} />
        </Button>
      )}
      {devices?.camera === null && (
        <Button
          aria-label={t(camera ? "room.cameraOn" : "room.cameraOff")}
          data-off={camera ? undefined : ""}
          onPress={() => room.toggleCamera()}
        >
          <Camera off={!camera} />
        </Button>
      )}
      {canShareScreen(navigator.mediaDevices) && (
        <Button
          aria-label={t(sharing ? "room.screenOff" : "room.screenOn")}
          data-on={sharing ? "" : undefined}
          onPress={() => void room.toggleScreen()}
        >
          <Screen off={sharing} />
        </Button>
      )}
      <Button
        aria-label={t("room.bandwidth.title")}
        aria-expanded={panel === "bandwidth"}
        data-on={state.bandwidth === null ? undefined : ""}
        onPress={() => onPanel("bandwidth")}
      >
        <Gauge />
      </Button>
      <Button aria-label={t("room.participants")} onPress={() => onPanel("participants")}>
        <People />
      </Button>
      <Button
        aria-label={t("room.hangUp")}
        className={styles.hangUp ?? ""}
        onPress={() => {
          void room.leave().then(onLeave);
        }}
      >
        <HangUp />
      </Button>
    </div>
  );
}
