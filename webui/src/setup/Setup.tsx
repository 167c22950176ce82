import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Notice } from "../ui/controls";
import { CodeForm } from "./CodeForm";
import { Following } from "./Following";
import { Settings } from "./Settings";
import styles from "./setup.module.css";

type Stage = Schemas["SetupStageView"];

/** Setting up a box without settings: the code, the settings, and where the box is with them. */
export function Setup({ scanned }: { scanned: string }) {
  const { t } = useTranslation();
  const [stage, setStage] = useState<Stage["stage"] | null>(null);
  const [opened, setOpened] = useState<{ code: string; machine: Schemas["SetupMachineView"] } | null>(null);
  const [applied, setApplied] = useState<Schemas["SetupOutcome"] | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    answered(api.GET("/api/setup"))
      .then((view) => setStage(view.stage))
      .catch((error: ApiProblem) => {
        // The box is set up: the espace client is at every other address.
        if (error.status === 404) location.replace("/");
        else setProblem(error.message || t("common.failed"));
      });
  }, [t]);

  if (problem)
    return (
      <Page>
        <Notice kind="bad">{problem}</Notice>
        <Button onPress={() => location.reload()}>{t("common.retry")}</Button>
      </Page>
    );
  if (!stage) return <Page>{t("common.loading")}</Page>;
  if (!opened)
    return (
      <Page>
        <p>{t("setup.codeIntro")}</p>
        {told && <Notice kind="bad">{told}</Notice>}
        <CodeForm scanned={scanned} onOpened={(code, machine) => setOpened({ code, machine })} />
      </Page>
    );
  const following = applied ?? (stage === "to_set_up" ? null : HERE);
  return (
    <Page>
      {told && !following && <Notice kind="bad">{told}</Notice>}
      {following && (
        <Following
          code={opened.code}
          outcome={following}
          onUndone={() => {
            setTold(t("setup.follow.undone"));
            setStage("to_set_up");
            setApplied(null);
          }}
          onLost={() => {
            setTold(t("setup.follow.lost"));
            setOpened(null);
          }}
        />
      )}
      {/* What was typed stays, for settings that are undone. */}
      <div hidden={following !== null}>
        <Settings
          code={opened.code}
          cards={opened.machine.cards}
          onApplied={(outcome) => {
            setTold(null);
            setApplied(outcome);
          }}
          onLost={(message) => {
            setTold(message);
            setOpened(null);
          }}
        />
      </div>
    </Page>
  );
}

/** This page was opened where the box is with settings that somebody else has applied. */
const HERE: Schemas["SetupOutcome"] = {
  address: location.hostname.replace(/^\[|\]$/g, ""),
  port: Number(location.port || 443),
  public_name: null,
  confirm_within_seconds: 60,
  remarks: [],
};

function Page({ children }: { children: React.ReactNode }) {
  const { t } = useTranslation();
  return (
    <main className={styles.page}>
      <h1>{t("setup.title")}</h1>
      {children}
    </main>
  );
}
