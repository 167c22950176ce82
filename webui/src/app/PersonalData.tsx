import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { moment } from "./moments";
import { type Kept, usePersonExport, useRetention } from "./personalData";
import look from "./users.module.css";

/** «Données personnelles», for administrators: how long they are kept, and a copy of what concerns one person. */
export function PersonalData() {
  const { t } = useTranslation();
  const kept = useRetention();
  if (kept.isError) return <Notice kind="bad">{kept.error.message || t("common.failed")}</Notice>;
  if (!kept.data) return <p>{t("common.loading")}</p>;
  return (
    <>
      <h1>{t("personal.title")}</h1>
      <div className={styles.stack}>
        <Periods kept={kept.data} />
        <Export />
      </div>
    </>
  );
}

function Periods({ kept: { periods, last_purge } }: { kept: Kept }) {
  const { t, i18n } = useTranslation();
  return (
    <section className={styles.panel} aria-labelledby="personal-periods">
      <h2 id="personal-periods">{t("personal.periods")}</h2>
      <dl className={look.figures}>
        {(["calls", "meetings", "messages", "journal"] as const).map((part) => (
          <div key={part}>
            <dt>{t(`personal.parts.${part}`)}</dt>
            <dd>{t("personal.days", { count: periods[part] })}</dd>
          </div>
        ))}
      </dl>
      <p>{t("personal.rule")}</p>
      <p>
        {last_purge
          ? t("personal.purged", { ...last_purge, at: moment(last_purge.at, i18n.language) })
          : t("personal.neverPurged")}
      </p>
    </section>
  );
}

function Export() {
  const { t } = useTranslation();
  const [person, setPerson] = useState("");
  const asking = usePersonExport();
  const atField = asking.error?.code === "invalid" || asking.error?.code === "not_found";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    asking.mutate(person);
  };
  return (
    <section className={styles.panel} aria-labelledby="personal-export">
      <h2 id="personal-export">{t("personal.export")}</h2>
      <p>{t("personal.exportIntro")}</p>
      {asking.error && !atField && <Notice kind="bad">{asking.error.message || t("common.failed")}</Notice>}
      {asking.isSuccess && <Notice kind="good">{t("personal.exported")}</Notice>}
      <form onSubmit={submit} noValidate>
        <Field
          label={t("personal.person")}
          hint={t("personal.personHint")}
          autoComplete="off"
          value={person}
          onChange={setPerson}
          error={asking.error && atField ? asking.error.message : null}
        />
        <Button type="submit" look="primary" isDisabled={asking.isPending}>
          {t("personal.download")}
        </Button>
      </form>
    </section>
  );
}
