import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Choice, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { CallBack, DirectionArrow, Outcome, who } from "./CallRow";
import { type Call, type CallFilter, LONGEST_SEARCH, useCalls } from "./calls";
import look from "./calls.module.css";
import { useSettled } from "./directory";
import { moment } from "./moments";
import { Pages } from "./Pages";

const SHOWN = ["all", "received", "made", "missed"] as const;

/** «Journal d’appel» (LOG-01). */
export function CallLog() {
  const { t } = useTranslation();
  const [show, setShow] = useState<CallFilter["show"]>("all");
  const [typed, setTyped] = useState("");
  const [page, setPage] = useState(1);
  const query = useSettled(typed);
  const calls = useCalls({ show, query, page });
  const pages = Math.max(1, Math.ceil((calls.data?.total ?? 0) / (calls.data?.page_size ?? 1)));
  // Calls are forgotten after a while.
  if (calls.isSuccess && !calls.isPlaceholderData && page > pages) setPage(pages);
  return (
    <>
      <h1>{t("home.calls.title")}</h1>
      <search className={look.search}>
        <Field
          label={t("home.calls.search")}
          hint={t("home.calls.searchHint")}
          type="search"
          autoComplete="off"
          maxLength={LONGEST_SEARCH}
          value={typed}
          onChange={(text) => {
            setTyped(text);
            setPage(1);
          }}
        />
        <Choice
          label={t("home.calls.show")}
          value={show}
          onChange={(value) => {
            setShow(SHOWN.find((one) => one === value) ?? "all");
            setPage(1);
          }}
          options={SHOWN.map((one) => [one, t(`home.calls.shown.${one}`)] as const)}
        />
      </search>
      {calls.isError && <Notice kind="bad">{calls.error.message || t("common.failed")}</Notice>}
      <p role="status" className={look.count}>
        {calls.isPending
          ? t("common.loading")
          : calls.isSuccess && t("home.calls.found", { count: calls.data.total })}
      </p>
      {calls.data && !calls.isError && (
        <Table calls={calls.data.items} isOld={calls.isPlaceholderData || query !== typed} />
      )}
      {pages > 1 && <Pages page={page} pages={pages} onPage={setPage} />}
    </>
  );
}

function Table({ calls, isOld }: { calls: readonly Call[]; isOld: boolean }) {
  const { t, i18n } = useTranslation();
  const columns = ["direction", "name", "number", "date", "media", "outcome", "back"] as const;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, and not only by mouse
    <section className={styles.scroll} aria-label={t("home.calls.title")} tabIndex={0}>
      <table className={`${styles.table} ${look.table}`} aria-busy={isOld}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {t(`home.calls.columns.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {calls.length === 0 && (
            <tr>
              <td colSpan={columns.length} className={look.nothing}>
                {t("home.tile.nothing")}
              </td>
            </tr>
          )}
          {calls.map((call) => (
            <tr key={call.id}>
              <td>
                <DirectionArrow call={call} />
              </td>
              <td>{who(call)}</td>
              <td data-label={t("home.calls.columns.number")}>{call.number}</td>
              <td>{moment(call.began_at, i18n.language)}</td>
              <td data-label={t("home.calls.columns.media")}>{t(`home.calls.media.${call.media}`)}</td>
              <td data-label={t("home.calls.columns.outcome")}>
                <Outcome call={call} />
              </td>
              <td>
                <CallBack call={call} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
