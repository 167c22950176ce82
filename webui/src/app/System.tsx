import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Notice } from "../ui/controls";
import styles from "./app.module.css";
import { BackupState } from "./BackupSchedule";
import { Details } from "./Details";

type State = Schemas["SystemView"];

/** «État de la boîte», for administrators. */
export function System() {
  const { t } = useTranslation();
  const state = useQuery<State, ApiProblem>({
    queryKey: ["system"],
    queryFn: () => answered(api.GET("/api/system")),
  });
  return (
    <>
      <h1>{t("system.title")}</h1>
      {state.isPending && <p>{t("common.loading")}</p>}
      {state.isError && <Notice kind="bad">{state.error.message || t("common.failed")}</Notice>}
      {state.data && <Known state={state.data} />}
    </>
  );
}

function Known({ state }: { state: State }) {
  const { t } = useTranslation();
  return (
    <div className={styles.stack}>
      <section className={styles.panel} aria-labelledby="system-version">
        <h2 id="system-version">{t("system.version")}</h2>
        <p>{state.version}</p>
      </section>
      <section className={styles.panel} aria-labelledby="system-protection">
        <h2 id="system-protection">{t("system.protection")}</h2>
        <p>{t(`system.protections.${state.protection}`)}</p>
      </section>
      <section className={styles.panel} aria-labelledby="system-certificate">
        <h2 id="system-certificate">{t("system.certificate.title")}</h2>
        <Certificate certificate={state.certificate} />
      </section>
      <section className={styles.panel} aria-labelledby="system-load">
        <h2 id="system-load">{t("system.load.title")}</h2>
        <Load load={state.load ?? null} />
      </section>
      {state.codecs && (
        <section className={styles.panel} aria-labelledby="system-codecs">
          <h2 id="system-codecs">{t("system.codecs.title")}</h2>
          <Codecs codecs={state.codecs} />
        </section>
      )}
      <section className={styles.panel} aria-labelledby="system-checks">
        <h2 id="system-checks">{t("system.checks")}</h2>
        <Checks checks={state.checks ?? null} />
      </section>
      <section className={styles.panel} aria-labelledby="system-updates">
        <h2 id="system-updates">{t("system.updates")}</h2>
        <Updates updates={state.updates ?? null} />
      </section>
      <section className={styles.panel} aria-labelledby="system-backup">
        <h2 id="system-backup">{t("backup.schedule")}</h2>
        <BackupState />
      </section>
    </div>
  );
}

function Certificate({ certificate: { given, until, trouble } }: { certificate: State["certificate"] }) {
  const { t, i18n } = useTranslation();
  const written = (time: string) =>
    new Date(time).toLocaleString(i18n.language, { dateStyle: "long", timeStyle: "short" });
  return (
    <>
      <p>
        {t(given ? "system.certificate.given" : "system.certificate.own")}
        {until && ` ${t("system.certificate.until", { date: written(until) })}`}
      </p>
      {trouble && (
        <Notice kind="bad">
          {t("system.certificate.trouble", { text: trouble.text, date: written(trouble.next) })}
          <Details lines={[trouble.detail]} />
        </Notice>
      )}
    </>
  );
}

function Load({ load }: { load: NonNullable<State["load"]> | null }) {
  const { t } = useTranslation();
  if (!load) return <Notice kind="bad">{t("system.load.unknown")}</Notice>;
  const text = t(`system.load.${load.pictures}`, { percent: load.share_percent });
  return load.pictures === "whole" ? <p>{text}</p> : <Notice kind="bad">{text}</Notice>;
}

function Codecs({ codecs: { encoder, decoder, refused } }: { codecs: NonNullable<State["codecs"]> }) {
  const { t } = useTranslation();
  return (
    <>
      {Object.entries({ encoder, decoder }).map(([what, { element, is_device, failure }]) => (
        <div key={what}>
          <p>
            {t("system.codecs.line", {
              what: t(`system.codecs.${what}`),
              how: t(is_device ? "system.codecs.device" : "system.codecs.software", { element }),
            })}
          </p>
          {failure && (
            <Notice kind="bad">
              {t("system.codecs.failed", { element })}
              <Details lines={[failure]} />
            </Notice>
          )}
        </div>
      ))}
      {refused.length > 0 && (
        <>
          <p>{t("system.codecs.refused")}</p>
          <Details lines={refused} />
        </>
      )}
    </>
  );
}

function Checks({ checks }: { checks: NonNullable<State["checks"]> | null }) {
  const { t } = useTranslation();
  if (!checks) return <p>{t("system.unknown")}</p>;
  return (
    <ul className={styles.checks}>
      {checks.map(({ check, passed, applicable, detail }) => (
        <li key={check}>
          <span className={passed ? styles.passed : styles.failed} aria-hidden="true">
            {!passed ? "✗" : applicable ? "✓" : "–"}
          </span>
          <span>
            {/* A later release may look at more. */}
            {t(`system.check.${check}`, { defaultValue: check })}
            <span className={applicable ? styles.spoken : undefined}>
              {t(!passed ? "system.failed" : applicable ? "system.passed" : "system.notApplicable")}
            </span>
            {!(passed && applicable) && <Details lines={[detail]} />}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Updates({ updates }: { updates: NonNullable<State["updates"]> | null }) {
  const { t } = useTranslation();
  if (!updates) return <p>{t("system.unknown")}</p>;
  if (!updates.trial && updates.rejected.length === 0) return <p>{t("system.noUpdates")}</p>;
  return (
    <>
      {updates.trial && <Notice>{t("system.trial", { version: updates.trial.to })}</Notice>}
      {updates.rejected.map(({ version, reason, detail }) => (
        <Notice key={version} kind="bad">
          {t("system.rejected", { version, reason: reason.replace(/\.$/, "") })}
          <Details lines={detail} />
        </Notice>
      ))}
    </>
  );
}
