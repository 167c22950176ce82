import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Area, Check, Choice, Field } from "../ui/controls";
import { type Field as FieldOfForm, isOn, type Section, shownFields, type Values } from "./fields";

interface Props {
  section: Section;
  values: Values;
  onChange(key: string, value: string): void;
  /** What is wrong, by key. */
  errors: Readonly<Record<string, string>>;
  /** The keys of the secrets that the box has. */
  secrets: readonly string[];
  cards: readonly { name: string; mac: string }[];
  /** The look of the frame, which is the page's. */
  className: string;
  /** What belongs to the section besides its fields. */
  children?: ReactNode;
}

/** One table of the settings, with its fields. */
export function SettingsSection({ section, className, children, ...form }: Props) {
  const { t } = useTranslation();
  const id = `settings-${section.key.replace(".", "-")}`;
  return (
    <section className={className} aria-labelledby={id}>
      <h2 id={id}>{t(`settings.sections.${section.key.replace(".", "_")}`)}</h2>
      {section.optional && (
        <Check
          isSelected={isOn(section, form.values)}
          onChange={(on) => form.onChange(section.key, on ? "yes" : "")}
        >
          {t(`settings.on.${section.key.replace(".", "_")}`)}
        </Check>
      )}
      {shownFields(section, form.values).map((field) => (
        <OneField key={field.key} field={field} {...form} />
      ))}
      {children}
    </section>
  );
}

function OneField({
  field: { key, kind, choices },
  values,
  onChange,
  errors,
  secrets,
  cards,
}: Omit<Props, "section" | "className" | "children"> & { field: FieldOfForm }) {
  const { t } = useTranslation();
  const value = values[key] ?? "";
  const common = {
    label: t(`settings.fields.${key}`),
    hint: hint(t(`settings.hints.${key}`, { defaultValue: "" }), secrets.includes(key), t),
    value,
    onChange: (text: string) => onChange(key, text),
    error: errors[key] ?? null,
  };
  switch (kind) {
    case "choice":
      return (
        <Choice
          {...common}
          options={(choices ?? []).map((one) => [one, t(`settings.choices.${one}`)] as const)}
        />
      );
    case "card":
      return <Choice {...common} options={cardOptions(cards, value, t("settings.anyCard"))} />;
    case "pem":
    case "secretPem":
      return <Area {...common} fileLabel={t("settings.fromFile")} />;
    case "secret":
      return <Field {...common} type="password" autoComplete="off" />;
    case "number":
      return <Field {...common} inputMode="numeric" autoComplete="off" />;
    default:
      return <Field {...common} autoComplete="off" />;
  }
}

function hint(own: string, isKept: boolean, t: (key: string) => string): string | undefined {
  return [own, isKept ? t("settings.kept") : ""].filter(Boolean).join(" ") || undefined;
}

/** Also the one that is set but not there any more: it is not changed unseen. */
function cardOptions(cards: Props["cards"], value: string, any: string): (readonly [string, string])[] {
  const there = cards.map(({ name, mac }) => [name, `${name} (${mac})`] as const);
  const known = value === "" || cards.some(({ name }) => name === value);
  return [["", any], ...there, ...(known ? [] : [[value, value] as const])];
}
