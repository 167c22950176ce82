import { Link } from "@tanstack/react-router";
import { type FormEvent, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { Enrolment } from "./Enrolment";
import { SecondFactor } from "./SecondFactor";
import { Sign, Support } from "./Support";
import { useSetSession } from "./session";

/** «Espace client»: identifiant et mot de passe (AUTH-01). */
export function Login({ onRecoveryCodes }: { onRecoveryCodes(codes: string[]): void }) {
  const { t } = useTranslation();
  const setSession = useSetSession();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [next, setNext] = useState<Schemas["NextStep"] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    answered(api.POST("/api/session", { body: { login, password } }))
      .then(setNext)
      .catch((error: ApiProblem) => setProblem(error.message || t("common.failed")))
      .finally(() => setBusy(false));
  };

  const back = useCallback((reason?: string) => {
    setPassword("");
    setNext(null);
    setProblem(reason || null);
  }, []);

  return (
    <main className={styles.center}>
      <div className={styles.card}>
        <Sign />
        <h1>{t("login.title")}</h1>
        {next?.step === "enrolment" && (
          <Enrolment
            onBack={back}
            onEnrolled={({ session, recovery_codes }) => {
              onRecoveryCodes(recovery_codes);
              setSession(session);
            }}
          />
        )}
        {next?.step === "second_factor" && <SecondFactor step={next} onBack={back} />}
        {!next && (
          <form onSubmit={submit} noValidate>
            {problem && <Notice kind="bad">{problem}</Notice>}
            <Field
              label={t("login.login")}
              autoComplete="username"
              autoFocus
              value={login}
              onChange={setLogin}
            />
            <Field
              label={t("login.password")}
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={setPassword}
            />
            <Button type="submit" look="primary" isDisabled={busy || !login || !password}>
              {t("login.submit")}
            </Button>
            <p className={styles.below}>
              <Link to="/mot-de-passe-oublie">{t("password.lost")}</Link>
            </p>
          </form>
        )}
        <div className={styles.below}>
          <Support />
        </div>
      </div>
    </main>
  );
}
