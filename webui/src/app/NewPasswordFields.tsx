import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Field } from "../ui/controls";
import { useSettled } from "./directory";
import look from "./users.module.css";

export interface NewPasswordValues {
  password: string;
  again: string;
}

interface Props {
  values: NewPasswordValues;
  onChange(values: NewPasswordValues): void;
  /** What the box has refused last, beside the field. */
  error: string | null;
  /** Of a link, where the password is chosen by one. */
  token?: string;
}

/** A new password, twice, with what the box thinks of it while it is typed (AUTH-05). */
export function NewPasswordFields({ values, onChange, error, token }: Props) {
  const { t } = useTranslation();
  const { password, again } = values;
  const typed = useSettled(password);
  const verdict = useQuery<Schemas["PasswordVerdict"], ApiProblem>({
    queryKey: ["password-strength", typed, token],
    queryFn: () =>
      answered(api.POST("/api/password/strength", { body: { password: typed, token: token ?? null } })),
    enabled: typed !== "",
    // Nothing that was typed is kept.
    gcTime: 0,
    retry: false,
  });
  const judged = typed === password ? verdict.data : undefined;
  return (
    <>
      <Field
        label={t("password.new")}
        hint={t("password.hint")}
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={(password) => onChange({ ...values, password })}
        error={judged?.message ?? error}
      />
      {password && judged && (
        <p className={look.strength} role="status">
          <meter min={0} max={4} low={2} high={3} optimum={4} value={judged.strength} aria-hidden="true" />
          {t("password.strength")} <strong>{t(`password.strengths.${judged.strength}`)}</strong>
        </p>
      )}
      <Field
        label={t("password.again")}
        type="password"
        autoComplete="new-password"
        value={again}
        onChange={(again) => onChange({ ...values, again })}
        error={again && again !== password ? t("password.different") : null}
      />
    </>
  );
}

/** Whether it can be sent. */
export function isComplete({ password, again }: NewPasswordValues): boolean {
  return password !== "" && password === again;
}
