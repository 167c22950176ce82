import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api } from "../api/client";
import { Button, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";

/** «Mot de passe oublié»: a link by mail, if there is such an account; the page does not say whether there is (AUTH-05). */
export function LostPassword() {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const ask = useMutation<unknown, ApiProblem>({
    mutationFn: () => answered(api.POST("/api/password/lost", { body: { text } })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <main className={styles.center}>
      <div className={styles.card}>
        <h1>{t("password.lost")}</h1>
        {ask.isSuccess ? (
          <Notice kind="good">{t("password.asked")}</Notice>
        ) : (
          <form onSubmit={submit} noValidate>
            <p>{t("password.lostIntro")}</p>
            {ask.isError && <Notice kind="bad">{ask.error.message || t("common.failed")}</Notice>}
            <Field
              label={t("password.loginOrEmail")}
              autoComplete="username"
              autoFocus
              value={text}
              onChange={setText}
            />
            <Button type="submit" look="primary" isDisabled={ask.isPending || !text.trim()}>
              {t("password.ask")}
            </Button>
          </form>
        )}
        <p>
          <Link to="/">{t("password.toLogin")}</Link>
        </p>
      </div>
    </main>
  );
}
