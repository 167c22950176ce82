import { useTranslation } from "react-i18next";
import type { Room } from "../room/room";
import type { Waiting } from "../room/wire";
import { Button } from "../ui/controls";
import styles from "./meeting.module.css";

/** «Salle d’attente», as the organizer sees it: accept, refuse and delete are three different acts (WAIT-02). */
export function Queue({ room, queue }: { room: Room; queue: Waiting[] }) {
  const { t } = useTranslation();
  if (queue.length === 0) return <p className={styles.detail}>{t("room.nobodyWaits")}</p>;
  return (
    <ul className={styles.list} aria-label={t("room.waitingRoom")}>
      {queue.map((one) => (
        <li key={one.seat}>
          <div className={styles.who}>{one.name}</div>
          <div className={styles.detail}>
            {t(`room.${one.channel}`)} · {t(`room.${one.identity}`)}
          </div>
          <div className={styles.acts}>
            <Button look="primary" onPress={() => room.decide(one.seat, "accept")}>
              {t("room.accept")}
            </Button>
            <Button onPress={() => room.decide(one.seat, "refuse")}>{t("room.refuse")}</Button>
            <Button look="quiet" onPress={() => room.decide(one.seat, "delete")}>
              {t("room.delete")}
            </Button>
          </div>
        </li>
      ))}
    </ul>
  );
}
