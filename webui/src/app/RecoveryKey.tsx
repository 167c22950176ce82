import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Notice } from "../ui/controls";
import { PasswordAgain } from "./PasswordAgain";
import { ShownOnce } from "./ShownOnce";

/** What opens the data where this machine does not any more: made on request, shown once. */
export function RecoveryKey() {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const make = useMutation<Schemas["RecoveryKey"], ApiProblem>({
    mutationFn: () => answered(api.POST("/api/system/recovery-key", { body: { password } })),
    onSuccess: () => setPassword(""),
  });
  if (make.data)
    return (
      <>
        <ShownOnce label={t("maintenance.key")} text={make.data.key} copy={t("backup.copyKey")} />
        <Notice>{t("maintenance.noteKey")}</Notice>
        <Button onPress={() => make.reset()}>{t("backup.done")}</Button>
      </>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <p>{t("maintenance.keyIntro")}</p>
      <PasswordAgain value={password} onChange={setPassword} problem={make.error} />
      <Button type="submit" look="primary" isDisabled={make.isPending}>
        {t(make.isPending ? "common.loading" : "maintenance.makeKey")}
      </Button>
    </form>
  );
}
