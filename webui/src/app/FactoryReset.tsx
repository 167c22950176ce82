import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api } from "../api/client";
import { Button, Field, Notice } from "../ui/controls";
import { PasswordAgain } from "./PasswordAgain";

/** All data destroyed: after the password and a word that nobody types by mistake. */
export function FactoryReset() {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [word, setWord] = useState("");
  const reset = useMutation<unknown, ApiProblem>({
    mutationFn: () => answered(api.POST("/api/system/factory-reset", { body: { password, word } })),
  });
  if (reset.isSuccess) return <Notice kind="good">{t("maintenance.resetting")}</Notice>;
  const here = reset.error?.error?.field === "word";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reset.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <p>{t("maintenance.resetIntro")}</p>
      <PasswordAgain value={password} onChange={setPassword} problem={here ? null : reset.error} />
      <Field
        label={t("maintenance.word")}
        autoComplete="off"
        value={word}
        onChange={setWord}
        error={here ? reset.error?.message : null}
      />
      <Button type="submit" look="danger" isDisabled={reset.isPending}>
        {t("maintenance.doReset")}
      </Button>
    </form>
  );
}
