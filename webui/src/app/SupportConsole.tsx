import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { PasswordAgain } from "./PasswordAgain";
import { ShownOnce } from "./ShownOnce";

/** The support’s shell at the box’s own screen, which only an administrator opens, and for a while. */
export function SupportConsole() {
  const { t, i18n } = useTranslation();
  const [password, setPassword] = useState("");
  const [minutes, setMinutes] = useState(15);
  const state = useQuery<Schemas["ConsoleView"], ApiProblem>({
    queryKey: ["system", "console"],
    queryFn: () => answered(api.GET("/api/system/console")),
    refetchInterval: 30_000,
  });
  const open = useMutation<Schemas["OpenedConsole"], ApiProblem>({
    mutationFn: () => answered(api.POST("/api/system/console", { body: { password, minutes } })),
    onSuccess: () => setPassword(""),
    onSettled: () => state.refetch(),
  });
  const close = useMutation<unknown, ApiProblem>({
    mutationFn: () => answered(api.DELETE("/api/system/console")),
    onSuccess: () => open.reset(),
    onSettled: () => state.refetch(),
  });
  const until = open.data?.until ?? state.data?.until;
  if (until)
    return (
      <>
        <Notice>
          {t("maintenance.consoleOpen", { until: new Date(until).toLocaleTimeString(i18n.language) })}
        </Notice>
        {open.data && (
          <ShownOnce
            label={t("maintenance.consolePassword")}
            text={open.data.password}
            copy={t("backup.copyKey")}
          />
        )}
        {close.error && <Notice kind="bad">{close.error.message || t("common.failed")}</Notice>}
        <Button look="danger" isDisabled={close.isPending} onPress={() => close.mutate()}>
          {t("maintenance.closeConsole")}
        </Button>
      </>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    open.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <p>{t("maintenance.consoleIntro")}</p>
      <fieldset className={styles.choice}>
        <legend>{t("maintenance.howLong")}</legend>
        {[15, 60].map((one) => (
          <label key={one}>
            <input type="radio" name="minutes" checked={minutes === one} onChange={() => setMinutes(one)} />{" "}
            {t("maintenance.minutes", { minutes: one })}
          </label>
        ))}
      </fieldset>
      <PasswordAgain value={password} onChange={setPassword} problem={open.error} />
      <Button type="submit" isDisabled={open.isPending}>
        {t("maintenance.openConsole")}
      </Button>
    </form>
  );
}
