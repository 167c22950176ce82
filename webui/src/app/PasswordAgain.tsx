import { useTranslation } from "react-i18next";
import type { ApiProblem } from "../api/client";
import { Field, Notice } from "../ui/controls";

interface Props {
  value: string;
  onChange(value: string): void;
  /** What the box has refused last; what is not about the password is told above it. */
  problem: ApiProblem | null;
}

/** The administrator’s own password, before something that shows a secret or cannot be undone. */
export function PasswordAgain({ value, onChange, problem }: Props) {
  const { t } = useTranslation();
  const here = problem?.error?.field === "password";
  return (
    <>
      {problem && !here && <Notice kind="bad">{problem.message || t("common.failed")}</Notice>}
      <Field
        label={t("backup.password")}
        type="password"
        autoComplete="current-password"
        value={value}
        onChange={onChange}
        error={here ? problem.message : null}
      />
    </>
  );
}
