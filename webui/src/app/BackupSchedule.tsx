import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { PasswordAgain } from "./PasswordAgain";
import { type Server, SftpServer } from "./SftpServer";
import { ShownOnce } from "./ShownOnce";

type View = Schemas["ScheduleView"];

function useSchedule() {
  return useQuery<View, ApiProblem>({
    queryKey: ["system", "backup"],
    queryFn: () => answered(api.GET("/api/system/backup/schedule")),
    refetchInterval: 30_000,
  });
}

/** For «État de la boîte»: what became of the last one. */
export function BackupState() {
  const { t } = useTranslation();
  const state = useSchedule();
  if (!state.data)
    return <p>{state.isError ? state.error.message || t("common.failed") : t("common.loading")}</p>;
  return <LastBackup view={state.data} />;
}

/** Backups that nobody has to think of: when, where to, and what became of the last one. */
export function BackupSchedule() {
  const { t } = useTranslation();
  const state = useSchedule();
  if (state.isError) return <Notice kind="bad">{state.error.message || t("common.failed")}</Notice>;
  if (!state.data) return <p>{t("common.loading")}</p>;
  return (
    <>
      <LastBackup view={state.data} />
      <ScheduleForm view={state.data} onChanged={() => void state.refetch()} />
    </>
  );
}

function LastBackup({ view }: { view: View }) {
  const { t, i18n } = useTranslation();
  if (!view.schedule) return <p>{t("backup.noSchedule")}</p>;
  const at = view.succeeded && new Date(view.succeeded).toLocaleString(i18n.language);
  return (
    <>
      {view.refused && <Notice kind="bad">{t("backup.lastFailed", { reason: view.refused })}</Notice>}
      <p>{at ? t("backup.lastSucceeded", { at }) : t("backup.noneYet")}</p>
    </>
  );
}

const WAYS = ["none", "usb", "sftp"] as const;

function ScheduleForm({ view, onChanged }: { view: View; onChanged(): void }) {
  const { t } = useTranslation();
  const before = view.schedule;
  const [way, setWay] = useState<(typeof WAYS)[number]>(!before ? "none" : before.sftp ? "sftp" : "usb");
  const [every, setEvery] = useState<"day" | "week">(before?.every ?? "day");
  const [hour, setHour] = useState(String(before?.hour ?? 2));
  const [keep, setKeep] = useState(String(before?.keep ?? 7));
  const [server, setServer] = useState<Server | null>(before?.sftp ?? null);
  const [password, setPassword] = useState("");
  const change = useMutation<Schemas["ScheduleChanged"], ApiProblem>({
    mutationFn: () => {
      const sftp = way === "sftp" ? server : null;
      const schedule = way === "none" ? null : { every, hour: Number(hour), keep: Number(keep), sftp };
      return answered(
        api.PUT("/api/system/backup/schedule", { body: { password, schedule, new_key: false } }),
      );
    },
    onSuccess: () => {
      setPassword("");
      onChanged();
    },
  });
  const field = change.error?.error?.field;
  const errorOf = (name: string) => (field === name ? change.error?.message : null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  if (change.data?.key)
    return (
      <>
        <ShownOnce label={t("backup.scheduleKey")} text={change.data.key} copy={t("backup.copyKey")} />
        <Notice>{t("backup.noteKey")}</Notice>
        <Button onPress={() => change.reset()}>{t("backup.done")}</Button>
      </>
    );
  return (
    <form onSubmit={submit} noValidate>
      <fieldset className={styles.choice}>
        <legend>{t("backup.where")}</legend>
        {WAYS.map((one) => (
          <label key={one}>
            <input type="radio" name="way" checked={way === one} onChange={() => setWay(one)} />{" "}
            {t(`backup.ways.${one}`)}
          </label>
        ))}
      </fieldset>
      {way !== "none" && (
        <>
          <fieldset className={styles.choice}>
            <legend>{t("backup.every")}</legend>
            {(["day", "week"] as const).map((one) => (
              <label key={one}>
                <input type="radio" name="every" checked={every === one} onChange={() => setEvery(one)} />{" "}
                {t(`backup.everies.${one}`)}
              </label>
            ))}
          </fieldset>
          <Field
            label={t("backup.hour")}
            inputMode="numeric"
            value={hour}
            onChange={setHour}
            error={errorOf("hour")}
          />
          <Field
            label={t("backup.keep")}
            inputMode="numeric"
            value={keep}
            onChange={setKeep}
            error={errorOf("keep")}
          />
        </>
      )}
      {way === "sftp" && <SftpServer server={server} onServer={setServer} errorOf={errorOf} />}
      <PasswordAgain
        value={password}
        onChange={setPassword}
        problem={field && field !== "password" ? null : change.error}
      />
      {change.isSuccess && <Notice kind="good">{t("backup.scheduleKept")}</Notice>}
      <Button
        type="submit"
        look="primary"
        isDisabled={change.isPending || (way === "sftp" && !server?.host_key)}
      >
        {t("meetings.save")}
      </Button>
    </form>
  );
}
