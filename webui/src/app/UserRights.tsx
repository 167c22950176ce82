import { Label, Radio, RadioGroup, Text } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Check } from "../ui/controls";
import styles from "./app.module.css";
import type { UserValues } from "./userForm";
import look from "./users.module.css";

interface Props {
  values: UserValues;
  faults: Readonly<Record<string, string>>;
  onChange(some: Partial<UserValues>): void;
}

/** «Choisir les droits à donner à l’utilisateur» (USER-02). */
export function UserRights({ values, faults, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <section className={styles.panel} aria-labelledby="user-rights">
      <h2 id="user-rights">{t("users.rights.title")}</h2>
      <RadioGroup
        className={look.rights ?? ""}
        value={values.visio}
        onChange={(visio) => onChange({ visio })}
        isInvalid={Boolean(faults["visio"])}
      >
        <Label className={styles.label ?? ""}>{t("users.rights.visio")}</Label>
        {(["user", "delegate"] as const).map((right) => (
          <Radio key={right} value={right} className={look.right ?? ""}>
            <span className={look.dot} aria-hidden="true" />
            <span>
              <strong>{t(`users.rights.${right}`)}</strong>
              <br />
              {t(`users.rights.${right}Hint`)}
            </span>
          </Radio>
        ))}
        {faults["visio"] && (
          <Text slot="errorMessage" className={look.error ?? ""}>
            {faults["visio"]}
          </Text>
        )}
      </RadioGroup>
      {(["telework", "invoices", "administrator"] as const).map((right) => (
        <Check key={right} isSelected={values[right]} onChange={(on) => onChange({ [right]: on })}>
          {t(`users.rights.${right}`)}
        </Check>
      ))}
    </section>
  );
}
