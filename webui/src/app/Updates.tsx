import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { ConfirmDialog } from "./ConfirmDialog";
import { Details } from "./Details";
import { UpdateFile } from "./UpdateFile";
import { UpdateProgress } from "./UpdateProgress";
import { isBusy, megabytes, type Updating, useUpdateActions, useUpdates } from "./updates";

/** «Mises à jour», for administrators. */
export function Updates() {
  const { t } = useTranslation();
  const updates = useUpdates();
  const [restarting, setRestarting] = useState(false);
  // The box is back, with whichever version.
  if (restarting && updates.isSuccess && !updates.data.installed) setRestarting(false);
  return (
    <>
      <h1>{t("updates.title")}</h1>
      {updates.isPending && <p>{t("common.loading")}</p>}
      {restarting && <Notice>{t("updates.restarting")}</Notice>}
      {updates.isError && !restarting && (
        <Notice kind="bad">{updates.error.message || t("common.failed")}</Notice>
      )}
      {updates.data && !restarting && <Known updating={updates.data} onRestart={() => setRestarting(true)} />}
    </>
  );
}

function Known({ updating, onRestart }: { updating: Updating; onRestart(): void }) {
  const { t } = useTranslation();
  const actions = useUpdateActions();
  const refused = actions.look.error ?? actions.install.error;
  if (!updating.supported) return <Notice>{t("updates.unsupported", { version: updating.version })}</Notice>;
  return (
    <div className={styles.stack}>
      <section className={styles.panel} aria-labelledby="updates-version">
        <h2 id="updates-version">{t("system.version")}</h2>
        <p>{updating.version}</p>
        {updating.trial && <Notice>{t("updates.trial", { version: updating.trial.to })}</Notice>}
      </section>
      {refused && <Notice kind="bad">{refused.message || t("common.failed")}</Notice>}
      <UpdateProgress updating={updating} />
      {updating.installed && <Installed updating={updating} onRestart={onRestart} />}
      <Available updating={updating} actions={actions} />
      <UpdateFile updating={updating} actions={actions} />
      {updating.rejected.length > 0 && <Rejected updating={updating} actions={actions} />}
    </div>
  );
}

interface Acting {
  updating: Updating;
  actions: ReturnType<typeof useUpdateActions>;
}

function Available({ updating, actions }: Acting) {
  const { t, i18n } = useTranslation();
  const { source, look, rejected } = updating;
  const version = look?.version;
  const refusedBefore = rejected.some((one) => one.version === version);
  return (
    <section className={styles.panel} aria-labelledby="updates-available">
      <h2 id="updates-available">{t("updates.available")}</h2>
      {!source && <p>{t("updates.noSource")}</p>}
      {source && !look && <p>{t("updates.neverLooked")}</p>}
      {look?.failure && <Notice kind="bad">{look.failure}</Notice>}
      {look && !look.failure && !version && (
        <p>{t("updates.upToDate", { at: moment(look.at, updating, i18n.language) })}</p>
      )}
      {version && (
        <p>
          {t(look.bytes ? "updates.newWithSize" : "updates.new", { version, size: megabytes(look.bytes) })}
        </p>
      )}
      {source && <p>{t(updating.automatic ? "updates.automatic" : "updates.onRequest")}</p>}
      {source && (
        <div className={styles.row}>
          <Button isDisabled={isBusy(updating)} onPress={() => actions.look.mutate()}>
            {t("updates.look")}
          </Button>
          {version && !refusedBefore && (
            <Button
              look="primary"
              isDisabled={isBusy(updating)}
              onPress={() => actions.install.mutate({ from: "server", again: false })}
            >
              {t("updates.install", { version })}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function Installed({ updating, onRestart }: { updating: Updating; onRestart(): void }) {
  const { t, i18n } = useTranslation();
  const { restart } = useUpdateActions();
  const [asking, setAsking] = useState(false);
  const { installed, people, window } = updating;
  const go = (despite: boolean) =>
    restart.mutate(despite, {
      onSuccess: onRestart,
      // Somebody has come in the meantime.
      onError: (problem) => problem.code === "people_meet" && setAsking(true),
    });
  return (
    <section className={styles.panel} aria-labelledby="updates-installed">
      <h2 id="updates-installed">{t("updates.installed", { version: installed })}</h2>
      <p>
        {window.opens_at
          ? t("updates.restartAt", { at: moment(window.opens_at, updating, i18n.language) })
          : t("updates.restartByHand")}
      </p>
      {people > 0 && <Notice>{t("updates.people", { count: people })}</Notice>}
      {restart.isError && restart.error.code !== "people_meet" && (
        <Notice kind="bad">{restart.error.message || t("common.failed")}</Notice>
      )}
      <Button look="primary" onPress={() => (people > 0 ? setAsking(true) : go(false))}>
        {t("updates.restartNow")}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t("updates.restartNow")}
          action={t("updates.restartAnyway")}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            go(true);
          }}
        >
          {t("updates.restartAsk", { count: people })}
        </ConfirmDialog>
      )}
    </section>
  );
}

function Rejected({ updating, actions }: Acting) {
  const { t } = useTranslation();
  return (
    <section className={styles.panel} aria-labelledby="updates-rejected">
      <h2 id="updates-rejected">{t("updates.rejected")}</h2>
      <p>{t("updates.rejectedHint")}</p>
      {updating.rejected.map(({ version, reason, detail }) => (
        <Notice key={version} kind="bad">
          {t("system.rejected", { version, reason: reason.replace(/\.$/, "") })}
          <Details lines={detail} />
          {updating.look?.version === version && (
            <Button
              isDisabled={isBusy(updating)}
              onPress={() => actions.install.mutate({ from: "server", again: true })}
            >
              {t("updates.again", { version })}
            </Button>
          )}
        </Notice>
      ))}
    </section>
  );
}

/** In the box's own time zone, as its settings are. */
function moment(at: string, { window }: Updating, language: string): string {
  const format = { dateStyle: "full", timeStyle: "short", timeZone: window.zone } as const;
  return new Intl.DateTimeFormat(language, format).format(new Date(at));
}
