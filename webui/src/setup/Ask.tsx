import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Check, Field } from "../ui/controls";
import type { Field as Asked } from "./fields";
import styles from "./setup.module.css";
import { strength } from "./strength";

interface Props {
  field: Asked;
  value: string;
  cards: Schemas["SetupMachineView"]["cards"];
  error: string | null;
  onChange(value: string): void;
}

/** One thing that the box has to be told. */
export function Ask(props: Props) {
  const { t } = useTranslation();
  const { field, value, cards, error, onChange } = props;
  const { key, kind } = field;
  if (kind === "toggle")
    return (
      <div id={key}>
        <Check isSelected={value === "yes"} onChange={(selected) => onChange(selected ? "yes" : "")}>
          {t(`setup.field.${key}.used`)}
        </Check>
        {error && <p className={styles.error}>{error}</p>}
      </div>
    );
  if (kind === "choice") return <Choice {...props} options={words(field, t)} />;
  if (kind === "cards") {
    const options = cards.map(({ name, mac }): [string, string] => [mac, `${name} (${mac})`]);
    return <Choice {...props} options={[["", t("setup.option.interface.any")], ...options]} />;
  }
  if (kind === "pem") return <Pem {...props} />;
  return <Line {...props} />;
}

/** A line of text. */
function Line({ field, value, error, onChange }: Props) {
  const { t } = useTranslation();
  const { key, kind } = field;
  return (
    <div id={key}>
      <Field
        label={useLabel(field)}
        hint={field.hint && t(`setup.hint.${key}`)}
        type={kind === "password" ? "password" : "text"}
        inputMode={kind === "number" ? "numeric" : "text"}
        autoComplete={field.autoComplete ?? "off"}
        isRequired={field.required ?? false}
        spellCheck="false"
        value={value}
        onChange={onChange}
        error={error}
      />
      {key === "administrator.password" && value && <Strength password={value} />}
    </div>
  );
}

function useLabel(field: Asked): string {
  const { t } = useTranslation();
  const label = t(`setup.field.${field.key}`);
  const free = field.required || field.kind === "choice" || field.kind === "cards";
  return free ? label : `${label} (${t("setup.optional")})`;
}

/** A word without a text in the catalogue stands for itself. */
function words({ options = [] }: Asked, t: (key: string) => string): [string, string][] {
  return options.map(([value, word]) => [value, word.includes(".") ? t(`setup.option.${word}`) : word]);
}

function Choice({ field, value, error, onChange, options }: Props & { options: [string, string][] }) {
  const id = useId();
  return (
    <div id={field.key} className={styles.choice}>
      <label htmlFor={id}>{useLabel(field)}</label>
      <select
        id={id}
        value={value}
        aria-invalid={error !== null}
        aria-describedby={error ? `${id}-error` : undefined}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map(([option, word]) => (
          <option key={option} value={option}>
            {word}
          </option>
        ))}
      </select>
      {error && (
        <p id={`${id}-error`} className={styles.error}>
          {error}
        </p>
      )}
    </div>
  );
}

/** Certificates and keys: pasted, or read from a file. */
function Pem({ field, value, error, onChange }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const label = useLabel(field);
  const described = [field.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div id={field.key} className={styles.choice}>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={5}
        spellCheck={false}
        autoComplete="off"
        value={value}
        aria-required={field.required ?? false}
        aria-invalid={error !== null}
        aria-describedby={described || undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      <input
        type="file"
        aria-label={`${t("setup.choose")}, ${label}`}
        onChange={(event) => void event.target.files?.[0]?.text().then(onChange)}
      />
      {field.hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {t(`setup.hint.${field.key}`)}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className={styles.error}>
          {error}
        </p>
      )}
    </div>
  );
}

const STEPS = ["short", "weak", "fair", "strong"];

function Strength({ password }: { password: string }) {
  const { t } = useTranslation();
  const found = strength(password);
  return (
    <p className={styles.strength} role="status">
      <meter min={0} max={3} low={2} high={3} optimum={3} value={STEPS.indexOf(found)} aria-hidden="true" />
      {t("setup.strength.label")}
      {"\u00a0: "}
      <strong>{t(`setup.strength.${found}`)}</strong>
    </p>
  );
}
