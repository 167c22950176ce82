import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Check } from "../../ui/controls";
import { Bin, Copy, Envelope, Pencil } from "../../ui/icons";
import styles from "../app.module.css";
import { Pages } from "../Pages";
import { type Faults, type Row, sorted } from "./participants";
import type { Participant } from "./scheduled";
import look from "./scheduled.module.css";

const PAGE = 50;

interface Props {
  rows: readonly Row[];
  /** As the box has them: what has become of their mails. */
  known: readonly Participant[];
  faults: ReadonlyMap<string, Faults>;
  /** Whether the meeting is validated: links are good, invitations can be sent again. */
  open: boolean;
  onSend(row: Row, send: boolean): void;
  onEdit(row: Row): void;
  onRemove(row: Row): void;
  /** «Renvoyer l’invitation» to one. */
  onResend(id: number): void;
  onLink(id: number): void;
}

/** Who takes part (SCHED-04): sorted by name; «Supprimer», «Envoyer ?» and what has become of the mail. */
export function ParticipantsTable(props: Props) {
  const { t } = useTranslation();
  const [down, setDown] = useState(false);
  const [page, setPage] = useState(1);
  const pages = Math.max(1, Math.ceil(props.rows.length / PAGE));
  const current = Math.min(page, pages);
  const shown = sorted(props.rows, down).slice((current - 1) * PAGE, current * PAGE);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, and not only by mouse */}
      <section className={styles.scroll} aria-label={t("scheduled.people")} tabIndex={0}>
        <table className={`${styles.table} ${look.table}`}>
          <thead>
            <tr>
              <th scope="col" aria-sort={down ? "descending" : "ascending"}>
                <Button look="quiet" onPress={() => setDown(!down)}>
                  {t("scheduled.columns.name")} <span aria-hidden="true">{down ? "▲" : "▼"}</span>
                </Button>
              </th>
              <th scope="col">{t("scheduled.columns.email")}</th>
              <th scope="col">{t("scheduled.columns.role")}</th>
              <th scope="col">{t("scheduled.columns.remove")}</th>
              <th scope="col">{t("scheduled.columns.send")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.length === 0 && (
              <tr>
                <td colSpan={5}>{t("home.tile.nothing")}</td>
              </tr>
            )}
            {shown.map((row) => (
              <Person key={row.key} row={row} {...props} />
            ))}
          </tbody>
        </table>
      </section>
      {pages > 1 && <Pages page={current} pages={pages} onPage={setPage} />}
    </>
  );
}

function Person({ row, known, faults, open, ...does }: Props & { row: Row }) {
  const { t } = useTranslation();
  const name = `${row.civility} ${row.name}`.trim();
  const delivery = known.find(({ id }) => id === row.id)?.delivery;
  const { id } = row;
  const icon = (label: string, content: React.ReactNode, onPress: () => void) => (
    <span title={label} className={styles.act}>
      <Button look="quiet" aria-label={`${label} : ${name}`} onPress={onPress}>
        {content}
      </Button>
    </span>
  );
  return (
    <tr>
      <td className={look.name}>
        {name}
        {Object.entries(faults.get(row.key) ?? {}).map(([field, message]) => (
          <strong key={field} className={look.fault}>
            {message}
          </strong>
        ))}
      </td>
      <td className={look.email}>{row.email}</td>
      <td>{t(`room.${row.role}`)}</td>
      <td>
        <div className={styles.cell}>
          {icon(t("meetings.change"), <Pencil />, () => does.onEdit(row))}
          {icon(t("meetings.delete"), <Bin />, () => does.onRemove(row))}
        </div>
      </td>
      <td>
        <div className={styles.cell}>
          <Check
            aria-label={t("scheduled.sendTo", { name })}
            isSelected={row.send}
            onChange={(send) => does.onSend(row, send)}
          >
            {null}
          </Check>
          <span className={`${look.mail} ${look[delivery?.state ?? "none"]}`}>
            {delivery?.text ?? t("scheduled.noMail")}
          </span>
          {open && id !== null && (
            <>
              {icon(t("scheduled.resend"), <Envelope />, () => does.onResend(id))}
              {icon(t("scheduled.copyLink"), <Copy />, () => does.onLink(id))}
            </>
          )}
        </div>
      </td>
    </tr>
  );
}
