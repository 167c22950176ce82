import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApiProblem } from "../../api/client";
import { Button, Field, Notice } from "../../ui/controls";
import { download, type NamedFile } from "../download";
import look from "./dashboard.module.css";

/** «Attestation de VisioConférence» (DASH-10, CERT-01, CERT-02). */
export function AttestationTile() {
  const { t } = useTranslation();
  const id = useId();
  const [crpcen, setCrpcen] = useState("");
  const asking = useMutation<NamedFile, ApiProblem, string>({
    mutationFn: (office) => download("/api/attestations", { crpcen: office }),
  });
  const problem = asking.error;
  const beside = problem?.error?.field === "crpcen";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    asking.mutate(crpcen);
  };
  return (
    <section className={look.tile} aria-labelledby={id}>
      <header className={look.head}>
        <h2 id={id}>{t("home.attestation.title")}</h2>
      </header>
      <form onSubmit={submit} noValidate className={look.form}>
        <p>{t("home.attestation.intro")}</p>
        {problem && !beside && <Notice kind="bad">{problem.message || t("common.failed")}</Notice>}
        {asking.data && <Notice kind="good">{t("home.attestation.done", { name: asking.data.name })}</Notice>}
        <Field
          label={t("home.attestation.crpcen")}
          isRequired
          inputMode="numeric"
          autoComplete="off"
          maxLength={40}
          value={crpcen}
          onChange={(text) => {
            setCrpcen(text);
            asking.reset();
          }}
          error={beside ? problem.message : null}
        />
        <p className={look.note}>{t("home.attestation.note")}</p>
        <Button type="submit" look="primary" isDisabled={asking.isPending}>
          {t(asking.isPending ? "home.attestation.making" : "home.attestation.download")}
        </Button>
      </form>
    </section>
  );
}
