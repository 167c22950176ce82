import { type FormEvent, useState } from "react";
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover, Text } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button, Choice, Field } from "../../ui/controls";
import controls from "../../ui/controls.module.css";
import { type Entry, missing, type Row } from "./participants";
import type { People } from "./scheduled";
import look from "./scheduled.module.css";

interface Props {
  entry: Entry;
  /** What is typed: on what is there by then, as a name that is chosen brings more than itself. */
  onChange(some: Partial<Entry>): void;
  /** Who is in the table already, but the one that is edited. */
  others: readonly Row[];
  users: People["users"];
  editing: boolean;
  onAdd(): void;
  onCancel(): void;
}

const CIVILITIES = ["", "Madame", "Monsieur", "Maître"] as const;
const ROLES = ["organizer", "guest", "spectator"] as const;

/** Somebody to be invited (SCHED-03): users of the espace client are proposed. */
export function ParticipantForm({ entry, onChange, others, users, editing, onAdd, onCancel }: Props) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<readonly ["name" | "email", string] | null>(null);
  const set = (some: Partial<Entry>) => {
    setFault(null);
    onChange(some);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = missing(entry, others);
    setFault(found);
    if (!found) onAdd();
  };
  const errorOf = (field: string) => (fault?.[0] === field ? t(fault[1]) : undefined);
  return (
    <form onSubmit={submit} noValidate className={look.person}>
      <Choice
        label={t("scheduled.civility")}
        value={entry.civility}
        onChange={(civility) => set({ civility })}
        options={CIVILITIES.map((one) => [one, one || t("guest.noCivility")] as const)}
      />
      <NameField
        value={entry.name}
        onChange={(name) => set({ name })}
        onChoose={({ civility, name, email }) => set({ civility, name, email })}
        users={users}
        error={errorOf("name")}
      />
      <Field
        label={t("scheduled.email")}
        type="email"
        autoComplete="off"
        value={entry.email}
        onChange={(email) => set({ email })}
        error={errorOf("email")}
      />
      <Choice
        label={t("scheduled.role")}
        value={entry.role}
        onChange={(role) => set({ role })}
        options={ROLES.map((one) => [one, t(`room.${one}`)] as const)}
      />
      <div className={look.add}>
        {editing && (
          <Button look="quiet" onPress={onCancel}>
            {t("meetings.cancel")}
          </Button>
        )}
        <Button type="submit">{t(editing ? "scheduled.replace" : "scheduled.add")}</Button>
      </div>
    </form>
  );
}

interface NameProps {
  value: string;
  onChange(name: string): void;
  onChoose(user: People["users"][number]): void;
  users: People["users"];
  error: string | undefined;
}

function NameField({ value, onChange, onChoose, users, error }: NameProps) {
  const { t } = useTranslation();
  return (
    <ComboBox
      className={controls.field ?? ""}
      inputValue={value}
      onInputChange={onChange}
      onSelectionChange={(key) => {
        const user = users.find(({ email }) => email === key);
        if (user) onChoose(user);
      }}
      defaultItems={users.map((user) => ({ ...user, id: user.email }))}
      allowsCustomValue
      isInvalid={error !== undefined}
      validationBehavior="aria"
    >
      <Label className={controls.label ?? ""}>{t("scheduled.fullName")}</Label>
      <Input className={controls.input ?? ""} autoComplete="off" />
      {error && (
        <Text slot="errorMessage" className={controls.error ?? ""}>
          {error}
        </Text>
      )}
      <Popover className={look.popover ?? ""}>
        <ListBox<People["users"][number] & { id: string }> className={look.options ?? ""}>
          {({ id, civility, name }) => (
            <ListBoxItem id={id} textValue={name} className={look.option ?? ""}>
              {`${civility} ${name}`.trim()}
              <small>{id}</small>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
