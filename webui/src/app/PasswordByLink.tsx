import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { isComplete, NewPasswordFields } from "./NewPasswordFields";
import { faultsOf } from "./users";

/** Where the link of a mail leads: a new password in the place of a lost one (AUTH-05). */
export function PasswordByLink() {
  const { t } = useTranslation();
  // Behind the `#`, which browsers send to nobody.
  const [token] = useState(() => window.location.hash.slice(1));
  const [values, setValues] = useState({ password: "", again: "" });
  const owner = useQuery<Schemas["LinkOwner"], ApiProblem>({
    queryKey: ["password-link", token],
    queryFn: () => answered(api.POST("/api/password/link", { body: { token } })),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const reset = useMutation<unknown, ApiProblem>({
    mutationFn: () =>
      answered(api.POST("/api/password/reset", { body: { token, password: values.password } })),
  });
  const fault = faultsOf(reset.error)["password"] ?? null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reset.mutate();
  };
  const over = owner.error ?? (fault ? null : reset.error);
  return (
    <main className={styles.center}>
      <div className={styles.card}>
        <h1>{t("password.byLink")}</h1>
        {over && <Notice kind="bad">{over.message || t("common.failed")}</Notice>}
        {reset.isSuccess && <Notice kind="good">{t("password.changedByLink")}</Notice>}
        {owner.data && !reset.isSuccess && (
          <form onSubmit={submit} noValidate>
            <p>{t("password.whose", { login: owner.data.login })}</p>
            <NewPasswordFields
              values={values}
              onChange={(values) => {
                setValues(values);
                reset.reset();
              }}
              error={fault}
              token={token}
            />
            <Button type="submit" look="primary" isDisabled={reset.isPending || !isComplete(values)}>
              {t("password.save")}
            </Button>
          </form>
        )}
        <p>
          {over ? (
            <Link to="/mot-de-passe-oublie">{t("password.lost")}</Link>
          ) : (
            <Link to="/">{t("password.toLogin")}</Link>
          )}
        </p>
      </div>
    </main>
  );
}
