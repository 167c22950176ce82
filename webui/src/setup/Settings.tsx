import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Notice } from "../ui/controls";
import { Ask } from "./Ask";
import { Faults } from "./Faults";
import { AGAIN, SECTIONS, toDocument, type Values, withoutSecrets } from "./fields";
import { Review } from "./Review";
import styles from "./setup.module.css";

export type Fault = Schemas["SetupFaultView"];
type Outcome = Schemas["SetupOutcome"];

const KEPT = "tabellion:setup";

interface Props {
  code: string;
  cards: Schemas["SetupMachineView"]["cards"];
  onApplied(outcome: Outcome): void;
  /** The code is no longer the one in force. */
  onLost(message: string): void;
}

/** The whole of `setup.toml` as a form, or as a file; checked, shown, and then applied. */
export function Settings({ code, cards, onApplied, onLost }: Props) {
  const { t } = useTranslation();
  const [values, setValues] = useState<Values>(kept);
  const [file, setFile] = useState<string | null>(null);
  const [faults, setFaults] = useState<Fault[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [checked, setChecked] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);
  const top = useRef<HTMLDivElement>(null);

  useEffect(() => sessionStorage.setItem(KEPT, JSON.stringify(withoutSecrets(values))), [values]);
  useEffect(() => {
    if (problem || checked) top.current?.focus();
  }, [problem, checked]);

  const send = (apply: boolean, text: string | null = file) => {
    setBusy(true);
    setProblem(null);
    setFaults([]);
    const body = text === null ? { settings: toDocument(values) as Record<string, never> } : { file: text };
    answered(api.POST("/api/setup", { body: { code, apply, ...body } }))
      .then((outcome) => {
        if (apply) onApplied(outcome);
        setChecked(apply ? null : outcome);
      })
      .catch((error: ApiProblem) => {
        if (error.code === "wrong_code") return onLost(error.message);
        setChecked(null);
        setFaults((error.error?.faults as Fault[] | undefined) ?? []);
        setProblem(error.message || t("common.failed"));
      })
      .finally(() => setBusy(false));
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setFile(null);
    if ((values["administrator.password"] ?? "") === (values[AGAIN] ?? "")) return send(false, null);
    setFaults([
      {
        key: AGAIN,
        label: t("setup.field.administrator.password_again"),
        what: t("setup.passwordsDiffer"),
        todo: "",
      },
    ]);
    setProblem(t("setup.passwordsDiffer"));
  };

  const read = async (chosen: File | undefined) => {
    if (!chosen) return;
    const text = await chosen.text();
    setFile(text);
    send(false, text);
  };

  if (checked)
    return (
      <div ref={top} tabIndex={-1}>
        <Review
          outcome={checked}
          busy={busy}
          onApply={() => send(true)}
          onBack={() => {
            setFile(null);
            setChecked(null);
          }}
        />
      </div>
    );
  return (
    <form onSubmit={submit} noValidate>
      <div ref={top} tabIndex={-1}>
        {problem && <Faults message={problem} faults={faults} withLines={file !== null} />}
      </div>
      <p>{t("setup.intro")}</p>
      <label className={styles.file}>
        {t("setup.fileIntro")}
        <input
          type="file"
          accept=".toml,text/plain"
          aria-label={t("setup.file")}
          onChange={(event) => {
            void read(event.target.files?.[0]);
            // The same file, mended, is a change, too.
            event.target.value = "";
          }}
        />
      </label>
      {SECTIONS.map((section) => (
        <fieldset key={section.name} className={styles.card}>
          <legend>
            {t(`setup.section.${section.name}`)}
            {section.optional && <span className={styles.optional}> ({t("setup.optional")})</span>}
          </legend>
          <p className={styles.about}>{t(`setup.about.${section.name}`)}</p>
          {section.fields
            .filter((field) => field.when?.(values) ?? true)
            .map((field) => (
              <Ask
                key={field.key}
                field={field}
                value={values[field.key] ?? ""}
                cards={cards}
                error={file === null ? text(faults.find((fault) => fault.key === field.key)) : null}
                onChange={(value) => {
                  setFile(null);
                  setValues((before) => ({ ...before, [field.key]: value }));
                }}
              />
            ))}
        </fieldset>
      ))}
      {busy && <Notice>{t("setup.checking")}</Notice>}
      <Button type="submit" look="primary" isDisabled={busy}>
        {t("setup.check")}
      </Button>
    </form>
  );
}

function text(fault: Fault | undefined): string | null {
  return fault ? sentence(fault) : null;
}

/** «192.168.11.1 n’est pas dans le réseau 192.168.10.0/24. Indiquez …» */
export function sentence({ what, todo }: Fault): string {
  const first = what.charAt(0).toUpperCase() + what.slice(1);
  return todo ? `${first}. ${todo}.` : first;
}

function kept(): Values {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Values;
  } catch {
    return {};
  }
}
