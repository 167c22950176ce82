import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Field } from "../ui/controls";
import styles from "./app.module.css";
import { useCountdown } from "./countdown";
import { Refusal, useRefusal } from "./Refusal";
import type { Session } from "./session";

type Method = Schemas["Method"];

interface Props {
  step: Schemas["NextStep"];
  /** To the password again; with the reason where there is one. */
  onBack(reason?: string): void;
  onLoggedIn(session: Session): void;
}

/** The code from an authenticator application, by SMS, or from the list of recovery codes (AUTH-02, AUTH-03). */
export function SecondFactor({ step, onBack, onLoggedIn }: Props) {
  const { t } = useTranslation();
  const [method, setMethod] = useState<Method>(step.methods.includes("totp") ? "totp" : "sms");
  const [code, setCode] = useState("");
  const refusal = useRefusal();
  const [busy, setBusy] = useState(false);
  const [wait, setWait] = useCountdown();
  const [sent, setSent] = useState(false);
  const over = (error: ApiProblem) => {
    if (error.code === "no_login_in_progress") onBack(error.message);
    return error.code === "no_login_in_progress";
  };

  const sendSms = () => {
    refusal.say(null);
    answered(api.POST("/api/session/sms"))
      .then((sent) => {
        setSent(true);
        setWait(sent.resend_after_seconds);
      })
      .catch((error: ApiProblem) => {
        const again = error.error?.retry_after_seconds;
        if (typeof again === "number") setWait(again);
        // A code that was sent already may be given.
        if (!over(error)) refusal.say(error.message || t("common.failed"));
      });
  };

  const choose = (chosen: Method) => {
    setMethod(chosen);
    setCode("");
    refusal.say(null);
    if (chosen === "sms" && wait === 0) sendSms();
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    refusal.say(null);
    answered(api.POST("/api/session/second-factor", { body: { method, code } }))
      .then(onLoggedIn)
      .catch((error: ApiProblem) => {
        if (!over(error)) refusal.fail(error);
      })
      .finally(() => setBusy(false));
  };

  const others: [Method, string][] = [
    ["sms", t("login.bySms")],
    ["totp", t("login.byTotp")],
    ["recovery", t("login.byRecovery")],
  ];
  const resend = sent ? t("login.resend") : t("login.bySms");
  return (
    <form onSubmit={submit} noValidate>
      <Refusal refusal={refusal} />
      <Field
        label={t("login.secondFactor")}
        hint={t(`login.${method}Hint`, { phone: step.phone_hint ?? "" })}
        inputMode={method === "recovery" ? "text" : "numeric"}
        autoComplete={method === "recovery" ? "off" : "one-time-code"}
        autoFocus
        value={code}
        onChange={setCode}
      />
      <div className={styles.row}>
        <Button type="submit" look="primary" isDisabled={busy || refusal.wait > 0 || code.trim() === ""}>
          {t("login.send")}
        </Button>
        {method === "sms" && (
          <Button onPress={sendSms} isDisabled={wait > 0}>
            {wait > 0 ? t("login.resendIn", { seconds: wait }) : resend}
          </Button>
        )}
        {others
          .filter(([other]) => other !== method && step.methods.includes(other))
          .map(([other, label]) => (
            <Button key={other} onPress={() => choose(other)}>
              {label}
            </Button>
          ))}
        <Button look="quiet" onPress={() => onBack()}>
          {t("login.back")}
        </Button>
      </div>
    </form>
  );
}
