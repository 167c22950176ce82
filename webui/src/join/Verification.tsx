import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Notice } from "../ui/controls";
import styles from "./join.module.css";

type Paper = Schemas["IssuedPaperView"];

/** What the code on a paper leads to: whether this service has issued it. */
export function Verification({ number }: { number: string }) {
  const { t, i18n } = useTranslation();
  const [paper, setPaper] = useState<Paper | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    answered(api.GET("/api/verification/{number}", { params: { path: { number } } }))
      .then(setPaper)
      .catch((error: ApiProblem) => setProblem(error.message || t("common.failed")));
  }, [number, t]);

  const day = (at: string) =>
    new Date(at).toLocaleDateString(i18n.language, { dateStyle: "long", timeZone: "Europe/Paris" });
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <h1>{t("verification.title")}</h1>
        {!paper && !problem && <p>{t("common.loading")}</p>}
        {problem && <Notice kind="bad">{problem}</Notice>}
        {paper && (
          <>
            <Notice kind="good">{t("verification.authentic")}</Notice>
            <dl className={styles.facts}>
              <dt>{t(`verification.number.${paper.kind}`)}</dt>
              <dd>{paper.number}</dd>
              <dt>{t("verification.office")}</dt>
              <dd>{paper.office}</dd>
              <dt>{t("verification.crpcen")}</dt>
              <dd>{paper.crpcen}</dd>
              <dt>{t("verification.issued")}</dt>
              <dd>{day(paper.issued_at)}</dd>
              <dt>{t("verification.hash")}</dt>
              <dd>
                <code>{paper.sha256_prefix}…</code>
              </dd>
            </dl>
            <p>{t("verification.hint")}</p>
          </>
        )}
      </div>
    </main>
  );
}
