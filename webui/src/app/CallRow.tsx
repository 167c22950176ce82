import { useTranslation } from "react-i18next";
import { Button } from "../ui/controls";
import { ArrowIn, ArrowOut, Telephone } from "../ui/icons";
import styles from "./app.module.css";
import type { Call } from "./calls";
import look from "./calls.module.css";
import { duration, moment } from "./moments";

/** Who it was: the name, or the number where there is none. */
export function who(call: Call): string {
  return call.name || call.number;
}

/** An arrow that comes, or one that goes; red where the call was missed. */
export function DirectionArrow({ call }: { call: Call }) {
  const { t } = useTranslation();
  return (
    <span className={call.missed ? look.missed : look.arrow}>
      {call.direction === "received" ? <ArrowIn /> : <ArrowOut />}
      <span className={styles.spoken}>{t(`home.calls.direction.${call.direction}`)}</span>
    </span>
  );
}

/** What became of it: how long they spoke, or why they did not. */
export function Outcome({ call }: { call: Call }) {
  const { t } = useTranslation();
  if (call.outcome === "answered") return <>{duration(call.duration_seconds ?? 0)}</>;
  const text = t(`home.calls.outcome.${call.direction}.${call.outcome}`);
  return <span className={call.missed ? look.missed : look.mark}>{text}</span>;
}

/** Not possible yet, and says so. */
export function CallBack({ call }: { call: Call }) {
  const { t } = useTranslation();
  return (
    <span className={styles.act} title={t("home.calls.notYet")}>
      <Button
        look="quiet"
        isDisabled
        aria-label={`${t("home.calls.back", { who: who(call) })} – ${t("home.calls.notYet")}`}
      >
        <Telephone />
      </Button>
    </span>
  );
}

/** A call in the dashboard’s tile (DASH-07). */
export function CallRow({ call }: { call: Call }) {
  const { i18n } = useTranslation();
  return (
    <li className={look.row}>
      <DirectionArrow call={call} />
      <span className={look.who}>
        {who(call)}
        <span className={look.when}>
          {moment(call.began_at, i18n.language)}
          {call.outcome !== "answered" && (
            <>
              {" · "}
              <Outcome call={call} />
            </>
          )}
        </span>
      </span>
      <CallBack call={call} />
    </li>
  );
}
