import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Check, Choice, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { LegalBox } from "./LegalBox";
import { UserRights } from "./UserRights";
import { EMPTY, rebased, type UserValues, valuesOf } from "./userForm";
import { type Account, faultsOf, tableName, type Users, useUserActions } from "./users";

interface Props {
  /** None: a new one. */
  user: Account | null;
  users: Users;
  /** @param told what was done; none: nothing was */
  onDone(told: string | null): void;
}

const CIVILITIES = ["", "Madame", "Monsieur", "Maître"] as const;

/** «Créer un nouvel utilisateur» (USER-01 to USER-04), or changing one (USER-06). */
export function UserForm({ user, users, onDone }: Props) {
  const { t } = useTranslation();
  const { create, change, sendCredentials } = useUserActions();
  // The user as it was when this form began from it: another administrator may change it meanwhile.
  const [base, setBase] = useState(user);
  const [values, setValues] = useState<UserValues>(user ? valuesOf(user) : EMPTY);
  const [terms, setTerms] = useState(false);
  const [liability, setLiability] = useState(false);
  const problem = create.error ?? change.error ?? sendCredentials.error;
  const faults = faultsOf(problem);
  const set = (some: Partial<UserValues>) => setValues({ ...values, ...some });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!base) {
      const agreed = {
        terms: terms ? users.terms.version : null,
        liability: liability ? users.liability.version : null,
      };
      const onSuccess = (made: Account) =>
        onDone(t("users.created", { name: tableName(made), email: made.email }));
      create.mutate({ ...values, ...agreed }, { onSuccess });
      return;
    }
    const { login: _, ...fields } = values;
    const body = { ...fields, version: base.version };
    const onSuccess = (made: Account) => onDone(t("users.changed", { name: tableName(made) }));
    change.mutate({ id: base.id, body }, { onSuccess });
  };

  const takeOver = () => {
    if (!base || !user) return;
    setValues(rebased(values, valuesOf(base), valuesOf(user)));
    setBase(user);
    change.reset();
  };

  const line = (name: "last_name" | "first_name" | "login" | "email" | "mobile", rest: object = {}) => (
    <Field
      label={t(`users.fields.${name}`)}
      value={values[name]}
      onChange={(text) => set({ [name]: text })}
      error={faults[name] ?? null}
      autoComplete="off"
      {...rest}
    />
  );

  return (
    <form onSubmit={submit} noValidate className={styles.stack}>
      <h1>{t(base ? "users.editTitle" : "users.create")}</h1>
      {problem && <Notice kind="bad">{problem.message || t("common.failed")}</Notice>}
      {problem?.code === "changed_meanwhile" && (
        <div>
          <Button onPress={takeOver}>{t("users.takeOver")}</Button>
        </div>
      )}
      <section className={styles.panel} aria-labelledby="user-person">
        <h2 id="user-person">{t("users.person")}</h2>
        <Choice
          label={t("users.fields.civility")}
          value={values.civility}
          onChange={(civility) => set({ civility })}
          error={faults["civility"] ?? null}
          options={CIVILITIES.map((one) => [one, one || t("users.noCivility")] as const)}
        />
        {line("last_name", { autoFocus: true })}
        {line("first_name")}
        {line(
          "login",
          base ? { isReadOnly: true, hint: t("users.loginStays") } : { hint: t("users.hints.login") },
        )}
        {line("email", { type: "email", hint: t("users.hints.email") })}
        {line("mobile", { type: "tel", hint: t("users.hints.mobile") })}
      </section>
      <UserRights values={values} faults={faults} onChange={set} />
      <section className={styles.panel} aria-labelledby="user-directory">
        <h2 id="user-directory">{t("users.directory.title")}</h2>
        <Check isSelected={values.in_directory} onChange={(in_directory) => set({ in_directory })}>
          {t("users.directory.add")}
        </Check>
        <p>{t("users.directory.delay")}</p>
        <p>{t("users.directory.price")}</p>
        <p>{t(users.orders_are_mailed ? "users.directory.mailed" : "users.directory.byHand")}</p>
      </section>
      {!base && (
        <section className={styles.panel} aria-labelledby="user-legal">
          <h2 id="user-legal">{t("users.legal.title")}</h2>
          <LegalBox
            name="terms"
            given={users.terms.given}
            error={faults["terms"]}
            isSelected={terms}
            onChange={setTerms}
          />
          <LegalBox
            name="liability"
            given={users.liability.given}
            error={faults["liability"]}
            isSelected={liability}
            onChange={setLiability}
          />
        </section>
      )}
      {base && (
        <section className={styles.panel} aria-labelledby="user-login">
          <h2 id="user-login">{t("users.credentials.title")}</h2>
          <p>{t("users.credentials.intro")}</p>
          <Button
            isDisabled={sendCredentials.isPending}
            onPress={() =>
              sendCredentials.mutate(base.id, {
                onSuccess: () => onDone(t("users.credentials.sent", { email: base.email })),
              })
            }
          >
            {t("users.credentials.send")}
          </Button>
        </section>
      )}
      <div className={styles.row}>
        <Button onPress={() => onDone(null)}>{t("users.back")}</Button>
        <Button type="submit" look="primary" isDisabled={create.isPending || change.isPending}>
          {t("users.save")}
        </Button>
      </div>
    </form>
  );
}
