import { type FormEvent, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Field } from "../ui/controls";
import styles from "./setup.module.css";

interface Props {
  /** From the address behind the QR code; may be empty. */
  scanned: string;
  onOpened(code: string, machine: Schemas["SetupMachineView"]): void;
}

/** The one-time code, from the screen of the box. */
export function CodeForm({ scanned, onOpened }: Props) {
  const { t } = useTranslation();
  const [code, setCode] = useState(scanned);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);

  const open = useCallback(
    (code: string) => {
      setBusy(true);
      setProblem(null);
      answered(api.POST("/api/setup/code", { body: { code } }))
        .then((machine) => onOpened(code, machine))
        .catch((error: ApiProblem) => {
          setProblem(error);
          setBusy(false);
        });
    },
    [onOpened],
  );
  // Who has scanned it has given it. Once: a wrong one costs an attempt.
  const [given, setGiven] = useState(false);
  useEffect(() => {
    if (!scanned || given) return;
    setGiven(true);
    open(scanned);
  }, [scanned, given, open]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    open(code);
  };
  const left = problem?.error?.attempts_left;
  const told = problem && (problem.message || t("common.failed"));
  const attempts = typeof left === "number" ? ` ${t("setup.attempts", { count: left })}` : "";
  return (
    <form onSubmit={submit} noValidate className={styles.card}>
      <Field
        label={t("setup.code")}
        autoComplete="off"
        autoFocus
        spellCheck="false"
        value={code}
        onChange={setCode}
        error={told && told + attempts}
      />
      <Button type="submit" look="primary" isDisabled={busy || code.trim() === ""}>
        {t("setup.open")}
      </Button>
    </form>
  );
}
