import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApiProblem } from "../api/client";
import { Notice } from "../ui/controls";
import { useCountdown } from "./countdown";

/** Why a login went no further, and for how long nothing more is looked at. */
export function useRefusal() {
  const { t } = useTranslation();
  const [text, setText] = useState<string | null>(null);
  const [slowedDown, setSlowedDown] = useState(false);
  const [wait, setWait] = useCountdown();
  const say = useCallback(
    (text: string | null) => {
      setText(text);
      setSlowedDown(false);
      setWait(0);
    },
    [setWait],
  );
  return {
    text,
    /** Seconds. */
    wait,
    /** Whether it is over that nothing was looked at. */
    isOver: slowedDown && wait === 0,
    say,
    fail(error: ApiProblem) {
      say(error.message || t("common.failed"));
      const seconds = error.error?.["retry_after_seconds"];
      if (error.code !== "too_many_attempts" || typeof seconds !== "number") return;
      setSlowedDown(true);
      setWait(seconds);
    },
  };
}

/** It is said once to who hears it, and counts down for who sees it. */
export function Refusal({ refusal }: { refusal: ReturnType<typeof useRefusal> }) {
  const { t } = useTranslation();
  const { text, wait, isOver } = refusal;
  if (!text) return null;
  if (isOver) return <Notice>{t("login.tryAgain")}</Notice>;
  return (
    <Notice kind="bad">
      {wait > 0 ? (
        <>
          {t("login.tooMany")} <span role="timer">{t("login.wait", { count: wait })}</span>
        </>
      ) : (
        text
      )}
    </Notice>
  );
}
