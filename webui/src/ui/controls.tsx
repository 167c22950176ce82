import type { ReactNode } from "react";
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
