import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { useSetSession } from "./session";

/** The code from an authenticator application, or by SMS (AUTH-02, AUTH-03). */
export function SecondFactor({ step, onBack }: { step: Schemas["NextStep"]; onBack(): void }) {
  const { t } = useTranslation();
  const setSession = useSetSession();
  const [method, setMethod] = useState<"totp" | "sms">(step.methods.includes("totp") ? "totp" : "sms");
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [wait, setWait] = useCountdown();
  const fails = (error: ApiProblem) => {
    if (error.code === "no_login_in_progress") onBack();
    else setProblem(error.message || t("common.failed"));
  };

  const sendSms = () => {
    setProblem(null);
    answered(api.POST("/api/session/sms"))
      .then((sent) => setWait(sent.resend_after_seconds))
      .catch((error: ApiProblem) => {
        const again = error.error?.retry_after_seconds;
        if (typeof again === "number") setWait(again);
        fails(error);
      });
  };

  const choose = (chosen: "totp" | "sms") => {
    setMethod(chosen);
    setCode("");
    setProblem(null);
    if (chosen === "sms" && wait === 0) sendSms();
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    answered(api.POST("/api/session/second-factor", { body: { method, code } }))
      .then(setSession)
      .catch(fails)
      .finally(() => setBusy(false));
  };

  const hint = method === "totp" ? t("login.totpHint") : t("login.smsHint", { phone: step.phone_hint ?? "" });
  return (
    <form onSubmit={submit} noValidate>
      {problem && <Notice kind="bad">{problem}</Notice>}
      <Field
        label={t("login.secondFactor")}
        hint={hint}
        inputMode="numeric"
        autoComplete="one-time-code"
        autoFocus
        value={code}
        onChange={setCode}
      />
      <div className={styles.row}>
        <Button type="submit" look="primary" isDisabled={busy || code.trim() === ""}>
          {t("login.send")}
        </Button>
        {method === "sms" && (
          <Button onPress={sendSms} isDisabled={wait > 0}>
            {wait > 0 ? t("login.resendIn", { seconds: wait }) : t("login.resend")}
          </Button>
        )}
        {method === "totp" && step.methods.includes("sms") && (
          <Button onPress={() => choose("sms")}>{t("login.bySms")}</Button>
        )}
        {method === "sms" && step.methods.includes("totp") && (
          <Button onPress={() => choose("totp")}>{t("login.byTotp")}</Button>
        )}
        <Button look="quiet" onPress={onBack}>
          {t("login.back")}
        </Button>
      </div>
    </form>
  );
}

/** Whole seconds left, and how to start. */
function useCountdown(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1_000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}
