import { type ReactNode, useId } from "react";
import {
  Button as AriaButton,
  Checkbox as AriaCheckbox,
  Switch as AriaSwitch,
  TextField as AriaTextField,
  type ButtonProps,
  type CheckboxProps,
  FieldError,
  Input,
  Label,
  type SwitchProps,
  Text,
  TextArea,
  type TextFieldProps,
} from "react-aria-components";
import styles from "./controls.module.css";

type Look = "plain" | "primary" | "danger" | "quiet";

export function Button({ look = "plain", className, ...rest }: ButtonProps & { look?: Look }) {
  const classes = [styles.button, look === "plain" ? "" : styles[look], className].filter(Boolean).join(" ");
  return <AriaButton {...rest} className={classes} />;
}

export function Field({
  label,
  hint,
  error,
  ...rest
}: TextFieldProps & { label: string; hint?: string | undefined; error?: string | null | undefined }) {
  return (
    <AriaTextField
      {...rest}
      className={styles.field ?? ""}
      isInvalid={Boolean(error)}
      validationBehavior="aria"
    >
      <Label className={styles.label ?? ""}>{label}</Label>
      <Input className={styles.input ?? ""} />
      {hint && (
        <Text slot="description" className={styles.hint ?? ""}>
          {hint}
        </Text>
      )}
      <FieldError className={styles.error ?? ""}>{error}</FieldError>
    </AriaTextField>
  );
}

interface Worded {
  label: string;
  hint?: string | undefined;
  error?: string | null | undefined;
  value: string;
  onChange(value: string): void;
}

/** One of a few. @param options value and text of each */
export function Choice({
  label,
  hint,
  error,
  value,
  onChange,
  options,
}: Worded & { options: readonly (readonly [string, string])[] }) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className={styles.input}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={Boolean(error)}
        aria-describedby={`${id}-about`}
      >
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
      <span id={`${id}-about`}>
        {hint && <span className={styles.hint}>{hint}</span>}
        {error && <span className={styles.error}>{error}</span>}
      </span>
    </div>
  );
}

/** A text of some lines. */
export function Lines({
  label,
  error,
  ...rest
}: TextFieldProps & { label: string; error?: string | null | undefined }) {
  return (
    <AriaTextField
      {...rest}
      className={styles.field ?? ""}
      isInvalid={Boolean(error)}
      validationBehavior="aria"
    >
      <Label className={styles.label ?? ""}>{label}</Label>
      <TextArea className={`${styles.input} ${styles.lines}`} rows={4} />
      <FieldError className={styles.error ?? ""}>{error}</FieldError>
    </AriaTextField>
  );
}

/** A text of many lines, typed, or read from a file. @param fileLabel what the choice of a file is called */
export function Area({ label, hint, error, value, onChange, fileLabel }: Worded & { fileLabel: string }) {
  return (
    <AriaTextField
      className={styles.field ?? ""}
      value={value}
      onChange={onChange}
      isInvalid={Boolean(error)}
      validationBehavior="aria"
    >
      <Label className={styles.label ?? ""}>{label}</Label>
      <TextArea className={`${styles.input} ${styles.area}`} rows={4} spellCheck="false" autoComplete="off" />
      <input
        type="file"
        aria-label={`${label} – ${fileLabel}`}
        onChange={(event) => void event.target.files?.[0]?.text().then(onChange)}
      />
      {hint && (
        <Text slot="description" className={styles.hint ?? ""}>
          {hint}
        </Text>
      )}
      <FieldError className={styles.error ?? ""}>{error}</FieldError>
    </AriaTextField>
  );
}

export function Check({ children, ...rest }: Omit<CheckboxProps, "children"> & { children: ReactNode }) {
  return (
    <AriaCheckbox {...rest} className={styles.check ?? ""}>
      {({ isSelected }) => (
        <>
          <span className={styles.box} aria-hidden="true">
            {isSelected ? "✓" : ""}
          </span>
          {children}
        </>
      )}
    </AriaCheckbox>
  );
}

export function Toggle(props: SwitchProps & { "aria-label": string }) {
  return (
    <AriaSwitch {...props} className={styles.switch ?? ""}>
      <span className={styles.track} aria-hidden="true" />
    </AriaSwitch>
  );
}

export function Notice({ kind, children }: { kind?: "bad" | "good"; children: ReactNode }) {
  const classes = [styles.notice, kind ? styles[kind] : ""].filter(Boolean).join(" ");
  return (
    <div role={kind === "bad" ? "alert" : "status"} className={classes}>
      {children}
    </div>
  );
}
