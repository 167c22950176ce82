import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { download, type NamedFile } from "./download";
import { duration, moment } from "./moments";

type Sitting = Schemas["SittingView"];

/** «Séances passées»: when a meeting was held, and the record of each time. */
export function Sittings({ meeting }: { meeting: number }) {
  const { t } = useTranslation();
  const held = useQuery<Schemas["Sittings"], ApiProblem>({
    queryKey: ["sittings", meeting],
    queryFn: () => answered(api.GET("/api/meetings/{id}/sittings", { params: { path: { id: meeting } } })),
  });
  const record = useMutation<NamedFile, ApiProblem, Sitting>({
    mutationFn: ({ from }) => download(`/api/meetings/${meeting}/record`, { from }),
  });
  if (held.isError) return <Notice kind="bad">{held.error.message || t("common.failed")}</Notice>;
  if (!held.data) return <p>{t("common.loading")}</p>;
  const { name, sittings } = held.data;
  return (
    <>
      <h1>{t("sittings.title")}</h1>
      <p>{t("sittings.intro", { name })}</p>
      {record.error && <Notice kind="bad">{record.error.message || t("common.failed")}</Notice>}
      {record.data && <Notice kind="good">{t("sittings.done", { name: record.data.name })}</Notice>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, and not only by mouse */}
      <section className={styles.scroll} aria-label={t("sittings.title")} tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              {(["from", "duration", "presences", "record"] as const).map((column) => (
                <th key={column} scope="col">
                  {t(`sittings.columns.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sittings.length === 0 && (
              <tr>
                <td colSpan={4}>{t("sittings.none")}</td>
              </tr>
            )}
            {sittings.map((sitting) => (
              <Row key={sitting.from} sitting={sitting} busy={record.isPending} onRecord={record.mutate} />
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

interface RowProps {
  sitting: Sitting;
  busy: boolean;
  onRecord(sitting: Sitting): void;
}

function Row({ sitting, busy, onRecord }: RowProps) {
  const { t, i18n } = useTranslation();
  const from = moment(sitting.from, i18n.language);
  const seconds = Math.round((Date.parse(sitting.until) - Date.parse(sitting.from)) / 1000);
  return (
    <tr>
      <td>{from}</td>
      <td>{duration(seconds)}</td>
      <td>{sitting.presences}</td>
      <td>
        <Button
          isDisabled={busy}
          aria-label={t("sittings.downloadOf", { from })}
          onPress={() => onRecord(sitting)}
        >
          {t("sittings.download")}
        </Button>
      </td>
    </tr>
  );
}
