import { Link } from "@tanstack/react-router";
import { type FormEvent, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Field } from "../ui/controls";
import styles from "./app.module.css";
import { Enrolment } from "./Enrolment";
import { Refusal, useRefusal } from "./Refusal";
import { SecondFactor } from "./SecondFactor";
import { Sign, Support } from "./Support";
import type { Session } from "./session";

interface Props {
  onLoggedIn(session: Session): void;
  onRecoveryCodes(codes: string[]): void;
  /** Whose session has ended on this page, where one has. */
  former?: string | undefined;
}

/** «Espace client»: identifiant et mot de passe (AUTH-01). */
export function Login({ onLoggedIn, onRecoveryCodes, former }: Props) {
  const { t } = useTranslation();
  const [login, setLogin] = useState(former ?? "");
  const [password, setPassword] = useState("");
  const [next, setNext] = useState<Schemas["NextStep"] | null>(null);
  const refusal = useRefusal();
  const [busy, setBusy] = useState(false);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    refusal.say(null);
    answered(api.POST("/api/session", { body: { login, password } }))
      .then(setNext)
      .catch((error: ApiProblem) => refusal.fail(error))
      .finally(() => setBusy(false));
  };

  const { say } = refusal;
  const back = useCallback(
    (reason?: string) => {
      setPassword("");
      setNext(null);
      say(reason || null);
    },
    [say],
  );

  return (
    <div className={styles.card}>
      <Sign />
      <h1 id="login">{t(former ? "home.ended.title" : "login.title")}</h1>
      {former && !next && <p>{t("home.ended.text")}</p>}
      {next?.step === "enrolment" && (
        <Enrolment
          onBack={back}
          onEnrolled={({ session, recovery_codes }) => {
            onRecoveryCodes(recovery_codes);
            onLoggedIn(session);
          }}
        />
      )}
      {next?.step === "second_factor" && <SecondFactor step={next} onBack={back} onLoggedIn={onLoggedIn} />}
      {!next && (
        <form onSubmit={submit} noValidate>
          <Refusal refusal={refusal} />
          <Field
            label={t("login.login")}
            autoComplete="username"
            autoFocus={!former}
            value={login}
            onChange={setLogin}
          />
          <Field
            label={t("login.password")}
            type="password"
            autoComplete="current-password"
            autoFocus={Boolean(former)}
            value={password}
            onChange={setPassword}
          />
          <Button type="submit" look="primary" isDisabled={busy || refusal.wait > 0 || !login || !password}>
            {t("login.submit")}
          </Button>
          {!former && (
            <p className={styles.below}>
              <Link to="/mot-de-passe-oublie">{t("password.lost")}</Link>
            </p>
          )}
        </form>
      )}
      <div className={styles.below}>
        <Support contactOnly={Boolean(former)} />
      </div>
    </div>
  );
}
