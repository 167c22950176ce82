import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api } from "../api/client";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { isComplete, NewPasswordFields } from "./NewPasswordFields";
import { useSetSession } from "./session";
import { faultsOf } from "./users";

/** The temporary password opens nothing but this (AUTH-05). */
export function FirstPassword() {
  const { t } = useTranslation();
  const setSession = useSetSession();
  const [values, setValues] = useState({ password: "", again: "" });
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);
  const fault = faultsOf(problem)["password"] ?? null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    answered(api.POST("/api/session/password", { body: { password: values.password } }))
      .then(setSession)
      .catch((error: ApiProblem) => {
        // It took too long: the login begins again.
        if (error.status === 401) setSession(null);
        setProblem(error);
      })
      .finally(() => setBusy(false));
  };

  return (
    <main className={styles.center}>
      <div className={styles.card}>
        <h1>{t("password.first")}</h1>
        <p>{t("password.firstIntro")}</p>
        <form onSubmit={submit} noValidate>
          {problem && !fault && <Notice kind="bad">{problem.message || t("common.failed")}</Notice>}
          <NewPasswordFields
            values={values}
            onChange={(values) => {
              setValues(values);
              setProblem(null);
            }}
            error={fault}
          />
          <div className={styles.row}>
            <Button onPress={() => void api.DELETE("/api/session").finally(() => setSession(null))}>
              {t("login.logout")}
            </Button>
            <Button type="submit" look="primary" isDisabled={busy || !isComplete(values)}>
              {t("password.save")}
            </Button>
          </div>
        </form>
      </div>
    </main>
  );
}
