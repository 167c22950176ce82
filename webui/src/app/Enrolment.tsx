import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { CopyButton } from "./CopyButton";
import { Qr } from "./Qr";

interface Props {
  onEnrolled(enrolled: Schemas["Enrolled"]): void;
  /** To the password again; with the reason where there is one. */
  onBack(reason?: string): void;
}

/** The first login of an account without a second factor that works: an authenticator becomes it (AUTH-03). */
export function Enrolment({ onEnrolled, onBack }: Props) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  // The same secret as long as this login lasts: it may have been scanned.
  const shown = useQuery<Schemas["Enrolment"], ApiProblem>({
    queryKey: ["enrolment"],
    queryFn: () => answered(api.POST("/api/session/authenticator")),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    gcTime: 0,
  });
  const over = shown.error && isOver(shown.error) ? shown.error.message : null;
  useEffect(() => {
    if (over !== null) onBack(over);
  }, [over, onBack]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    answered(api.POST("/api/session/authenticator/confirmation", { body: { code } }))
      .then(onEnrolled)
      .catch((error: ApiProblem) => {
        if (isOver(error)) onBack(error.message);
        else setProblem(error.message || t("common.failed"));
      })
      .finally(() => setBusy(false));
  };

  return (
    <form onSubmit={submit} noValidate>
      <p>{t("enrolment.intro")}</p>
      {shown.isError && (
        <>
          <Notice kind="bad">{shown.error.message || t("common.failed")}</Notice>
          <Button onPress={() => void shown.refetch()}>{t("common.retry")}</Button>
        </>
      )}
      {shown.isPending && <p>{t("common.loading")}</p>}
      {shown.data && <Secret enrolment={shown.data} />}
      {problem && <Notice kind="bad">{problem}</Notice>}
      <Field
        label={t("login.secondFactor")}
        hint={t("enrolment.codeHint")}
        inputMode="numeric"
        autoComplete="one-time-code"
        value={code}
        onChange={setCode}
      />
      <div className={styles.row}>
        <Button type="submit" look="primary" isDisabled={busy || !shown.data || code.trim() === ""}>
          {t("login.send")}
        </Button>
        <Button look="quiet" onPress={() => onBack()}>
          {t("login.back")}
        </Button>
      </div>
    </form>
  );
}

function Secret({ enrolment }: { enrolment: Schemas["Enrolment"] }) {
  const { t } = useTranslation();
  return (
    <>
      <p>{t("enrolment.scan")}</p>
      <Qr qr={enrolment.qr} label={t("enrolment.qr")} />
      <p>
        <a href={enrolment.uri}>{t("enrolment.open")}</a>
      </p>
      <p className={styles.label} id="secret-label">
        {t("enrolment.type")}
      </p>
      <p className={styles.cell}>
        {/* biome-ignore lint/a11y/useSemanticElements: an output is what changes, and this does not */}
        <code className={styles.secret} role="group" aria-labelledby="secret-label">
          {enrolment.secret.match(/.{1,4}/g)?.join(" ")}
        </code>
        <CopyButton text={enrolment.secret} label={t("enrolment.copy")} />
      </p>
    </>
  );
}

/** Nothing more can be done with this login: only a new one leads on. */
function isOver(problem: ApiProblem): boolean {
  return problem.code === "no_login_in_progress" || problem.code === "already_enrolled";
}
