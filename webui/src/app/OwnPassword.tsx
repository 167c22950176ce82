import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api } from "../api/client";
import { Button, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { isComplete, NewPasswordFields } from "./NewPasswordFields";
import { faultsOf } from "./users";

const EMPTY = { password: "", again: "" };

/** «Mon mot de passe»: another one, by giving the one before again (AUTH-05). */
export function OwnPassword() {
  const { t } = useTranslation();
  const [current, setCurrent] = useState("");
  const [values, setValues] = useState(EMPTY);
  const change = useMutation<unknown, ApiProblem>({
    mutationFn: () =>
      answered(api.POST("/api/session/password", { body: { current, password: values.password } })),
    onSuccess: () => {
      setCurrent("");
      setValues(EMPTY);
    },
  });
  const wrong = change.error?.code === "wrong_password" ? change.error.message : null;
  const fault = faultsOf(change.error)["password"] ?? null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };

  return (
    <div className={styles.stack}>
      <h1>{t("password.own")}</h1>
      {change.isSuccess && <Notice kind="good">{t("password.changed")}</Notice>}
      {change.error && !wrong && !fault && (
        <Notice kind="bad">{change.error.message || t("common.failed")}</Notice>
      )}
      <form className={styles.panel} onSubmit={submit} noValidate>
        <Field
          label={t("password.current")}
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={setCurrent}
          error={wrong}
        />
        <NewPasswordFields
          values={values}
          onChange={(values) => {
            setValues(values);
            change.reset();
          }}
          error={fault}
        />
        <Button type="submit" look="primary" isDisabled={change.isPending || !current || !isComplete(values)}>
          {t("password.save")}
        </Button>
      </form>
    </div>
  );
}
