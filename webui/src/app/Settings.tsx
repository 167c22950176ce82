import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApiProblem } from "../api/client";
import { type SettingsDocument, toDocument, toValues } from "../settings-form/document";
import { SECTIONS, shownFields } from "../settings-form/fields";
import { SettingsSection } from "../settings-form/SettingsSection";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { PendingSettings } from "./PendingSettings";
import {
  type BoxSettings,
  type Changed,
  type Fault,
  faultsOf,
  type Ticket,
  useChange,
  useReload,
  useSettings,
  useTestMail,
  useTestSms,
} from "./settings";

/** How a change has ended. */
type End = { kind: "unchanged" | "saved" | "confirmed" | "undone"; remarks: Fault[] };

/** «Réglages de la boîte», for administrators. */
export function Settings() {
  const { t } = useTranslation();
  const settings = useSettings();
  const reload = useReload();
  const [ticket, setTicket] = useState<Ticket | null>(null);
  const [end, setEnd] = useState<End | null>(null);
  const { data } = settings;
  const pending = data?.pending ?? null;

  // It was here, and is decided on: by this page, by another one, or by its deadline.
  const waited = useRef<number | null>(null);
  useEffect(() => {
    if (!data) return;
    if (waited.current !== null && !pending) {
      setEnd({ kind: data.version === waited.current ? "confirmed" : "undone", remarks: [] });
      setTicket(null);
    }
    waited.current = pending?.change ?? null;
  }, [data, pending]);

  const changed = async (outcome: Changed) => {
    window.scrollTo(0, 0);
    setTicket(outcome.outcome === "pending" ? outcome : null);
    setEnd(
      outcome.outcome === "pending"
        ? null
        : {
            kind: outcome.outcome === "in_force" ? "saved" : "unchanged",
            remarks: outcome.outcome === "in_force" ? outcome.remarks : [],
          },
    );
    if (outcome.outcome !== "unchanged") await reload();
  };

  return (
    <>
      <h1>{t("settings.title")}</h1>
      {end && <Ended end={end} />}
      {settings.isPending && <p>{t("common.loading")}</p>}
      {settings.isError && !pending && (
        <Notice kind="bad">{settings.error.message || t("common.failed")}</Notice>
      )}
      {data && pending && (
        <PendingSettings
          pending={pending}
          ticket={ticket?.change === pending.change ? ticket : null}
          seenAt={settings.dataUpdatedAt}
          onDecided={reload}
        />
      )}
      {data && !pending && <Form key={data.version} settings={data} onChanged={changed} onReload={reload} />}
    </>
  );
}

function Ended({ end }: { end: End }) {
  const { t } = useTranslation();
  return (
    <>
      <Notice kind={end.kind === "undone" ? "bad" : "good"}>{t(`settings.ended.${end.kind}`)}</Notice>
      {end.remarks.map(({ key, label, text }) => (
        <Notice key={key}>
          {label} – {text}
        </Notice>
      ))}
    </>
  );
}

interface FormProps {
  settings: BoxSettings;
  onChanged(outcome: Changed): void;
  onReload(): void;
}

function Form({ settings, onChanged, onReload }: FormProps) {
  const { t } = useTranslation();
  const [values, setValues] = useState(() => toValues(settings.document as SettingsDocument));
  const change = useChange();
  const test = useTestMail();
  const testSms = useTestSms();
  const problem = change.error ?? test.error ?? testSms.error;
  const errors = faultsOf(problem);
  const set = (key: string, value: string) => setValues({ ...values, [key]: value });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.reset();
    testSms.reset();
    const body = { version: settings.version, document: toDocument(values) };
    change.mutate(body, { onSuccess: onChanged, onError: () => window.scrollTo(0, 0) });
  };
  const tryMail = () => {
    change.reset();
    testSms.reset();
    test.mutate(toDocument(values));
  };
  const trySms = () => {
    change.reset();
    test.reset();
    testSms.mutate(toDocument(values));
  };

  return (
    <form onSubmit={submit} noValidate className={styles.stack}>
      {change.error && <Problem problem={change.error} values={values} onReload={onReload} />}
      {SECTIONS.map((section) => (
        <SettingsSection
          key={section.key}
          section={section}
          values={values}
          onChange={set}
          errors={errors}
          secrets={settings.secrets}
          cards={settings.cards}
          className={styles.panel ?? ""}
        >
          {section.key === "mail" && values["mail"] === "yes" && (
            <Trial
              trial={test}
              texts={["test", "testing", "testSent"]}
              onPress={tryMail}
              {...{ values, onReload }}
            />
          )}
          {section.key === "sms" && values["sms"] === "yes" && (
            <Trial
              trial={testSms}
              texts={["testSms", "testingSms", "testSmsSent"]}
              onPress={trySms}
              {...{ values, onReload }}
            />
          )}
          {section.key === "certificate" && (
            <p>
              <a href="/api/system/settings/authority" download>
                {t("settings.authority")}
              </a>
            </p>
          )}
        </SettingsSection>
      ))}
      <div className={styles.row}>
        <Button type="submit" look="primary" isDisabled={change.isPending}>
          {t("settings.save")}
        </Button>
      </div>
    </form>
  );
}

/** Tries what is filled in before it is saved. */
function Trial({
  trial,
  texts: [label, busy, sent],
  onPress,
  ...shown
}: {
  trial: { error: ApiProblem | null; data: { to: string } | undefined; isPending: boolean };
  texts: readonly [string, string, string];
  onPress(): void;
  values: Readonly<Record<string, string>>;
  onReload(): void;
}) {
  const { t } = useTranslation();
  return (
    <>
      {trial.error && <Problem problem={trial.error} {...shown} />}
      {trial.data && <Notice kind="good">{t(`settings.${sent}`, { to: trial.data.to })}</Notice>}
      <Button onPress={onPress} isDisabled={trial.isPending}>
        {t(`settings.${trial.isPending ? busy : label}`)}
      </Button>
    </>
  );
}

/** What is wrong as a whole, and the faults that no field shows. */
function Problem({
  problem,
  values,
  onReload,
}: {
  problem: ApiProblem;
  values: Readonly<Record<string, string>>;
  onReload(): void;
}) {
  const { t } = useTranslation();
  const shown = new Set(SECTIONS.flatMap((section) => shownFields(section, values)).map(({ key }) => key));
  const elsewhere = ((problem.error?.["faults"] as Fault[] | undefined) ?? []).filter(
    ({ key }) => !shown.has(key),
  );
  const detail = problem.error?.["detail"];
  return (
    <Notice kind="bad">
      {problem.message || t("common.failed")}
      {elsewhere.map(({ key, label, text }) => (
        <div key={key}>
          {label || key} – {text}
        </div>
      ))}
      {typeof detail === "string" && (
        <details>
          <summary>{t("system.details")}</summary>
          <pre className={styles.details}>{detail}</pre>
        </details>
      )}
      {problem.code === "changed_meanwhile" && (
        <div>
          <Button onPress={onReload}>{t("settings.reload")}</Button>
        </div>
      )}
    </Notice>
  );
}
