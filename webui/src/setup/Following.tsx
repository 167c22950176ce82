import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Notice } from "../ui/controls";
import { type Box, type End, follow, type Seen, target } from "./follow";
import styles from "./setup.module.css";

interface Props {
  code: string;
  outcome: Schemas["SetupOutcome"];
  onUndone(): void;
  onLost(): void;
}

/** Between two looks, in milliseconds. */
const PAUSE = 2_000;
/** Looks: a restart takes some seconds, a network that is undone a minute and its own time. */
const RESTART = 5;
const UNDOING = 60;

/** After the settings were applied: where the box is, and that it is back. */
export function Following({ code, outcome, onUndone, onLost }: Props) {
  const { t } = useTranslation();
  const address = target(outcome, location);
  const moves = address !== location.origin;
  const [end, setEnd] = useState<End | null>(null);
  const left = useSecondsLeft(moves ? (outcome.confirm_within_seconds ?? 0) : 0);
  const tell = useRef({ onUndone, onLost });
  tell.current = { onUndone, onLost };

  useEffect(() => {
    const watched = { gone: false };
    const box: Box = {
      look,
      pause: () => new Promise((done) => setTimeout(done, PAUSE)),
      ...(moves ? {} : { confirm: () => confirm(code) }),
    };
    void follow(box, moves ? UNDOING : RESTART).then((end) => {
      if (watched.gone) return;
      if (end === "undone") tell.current.onUndone();
      else if (end === "lost") tell.current.onLost();
      else setEnd(end);
    });
    return () => {
      watched.gone = true;
    };
  }, [code, moves]);

  if (end === "ready" || (end === "perhaps" && !moves))
    return (
      <div className={styles.card}>
        {end === "ready" && <h2>{t("setup.follow.ready")}</h2>}
        {end === "perhaps" && <p>{t("setup.follow.perhaps")}</p>}
        <p>{t("setup.follow.reached", { address })}</p>
        {outcome.public_name && <p>{t("setup.review.named", { name: outcome.public_name })}</p>}
        <a className={styles.go} href={`${address}/`}>
          {t("setup.follow.login")}
        </a>
      </div>
    );
  if (end === "perhaps") return <Notice>{t("setup.follow.perhapsMoved", { address })}</Notice>;
  if (!moves)
    return <Notice>{t(`setup.follow.${outcome.confirm_within_seconds ? "confirming" : "applying"}`)}</Notice>;
  return (
    <div className={styles.card}>
      <p>{t("setup.follow.moving")}</p>
      <a
        className={styles.go}
        href={`${address}/installation#${encodeURIComponent(code)}`}
        target="_blank"
        rel="noreferrer"
      >
        {t("setup.follow.go", { address })}
      </a>
      <p className={styles.hint}>{t("setup.follow.goHint")}</p>
      <p role="timer">{t("setup.follow.left", { count: left })}</p>
    </div>
  );
}

async function look(): Promise<Seen> {
  try {
    return (await answered(api.GET("/api/setup"))).stage;
  } catch (error) {
    return (error as ApiProblem).status === 404 ? "gone" : "away";
  }
}

async function confirm(code: string): Promise<boolean> {
  try {
    await answered(api.POST("/api/setup/confirmation", { body: { code } }));
    return true;
  } catch (error) {
    // Too early, too late, or away: the next look says which.
    return (error as ApiProblem).code !== "wrong_code";
  }
}

function useSecondsLeft(from: number): number {
  const [left, setLeft] = useState(from);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1_000);
    return () => clearTimeout(timer);
  }, [left]);
  return left;
}
