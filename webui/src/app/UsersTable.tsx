import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Check, Field } from "../ui/controls";
import { Bin, Pencil } from "../ui/icons";
import styles from "./app.module.css";
import { moment } from "./moments";
import { Pages } from "./Pages";
import { type Account, tableName } from "./users";
import look from "./users.module.css";

const PAGE = 20;
/** From so many users on there is a search. */
const MANY = 10;

/** What the table is sorted by. */
const KEYS = {
  name: (user: Account) => `${user.last_name} ${user.first_name}`,
  login: (user: Account) => user.login,
  email: (user: Account) => user.email,
  created: (user: Account) => user.created_at,
};
type Key = keyof typeof KEYS;

interface Props {
  users: readonly Account[];
  selected: ReadonlySet<number>;
  onSelect(selected: ReadonlySet<number>): void;
  onEdit(user: Account): void;
  onDelete(user: Account): void;
}

/** The office’s users (USER-05): sorted, searched, selected. */
export function UsersTable({ users, selected, onSelect, onEdit, onDelete }: Props) {
  const { t, i18n } = useTranslation();
  const [sort, setSort] = useState<{ key: Key; down: boolean }>({ key: "name", down: false });
  const [search, setSearch] = useState("");
  const [page, setPage] = useState(1);
  const found = users.filter((user) => matches(user, search)).sort(inOrder(sort.key, sort.down));
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  const shown = found.slice((Math.min(page, pages) - 1) * PAGE, Math.min(page, pages) * PAGE);
  const all = found.length > 0 && found.every(({ id }) => selected.has(id));
  const toggle = (ids: number[], on: boolean) => {
    const next = new Set(selected);
    for (const id of ids)
      if (on) next.add(id);
      else next.delete(id);
    onSelect(next);
  };
  const head = (key: Key) => (
    <th aria-sort={sort.key === key ? (sort.down ? "descending" : "ascending") : "none"}>
      <Button look="quiet" onPress={() => setSort({ key, down: sort.key === key && !sort.down })}>
        {t(`users.columns.${key}`)}{" "}
        <span aria-hidden="true">{sort.key === key ? (sort.down ? "▲" : "▼") : "▽"}</span>
      </Button>
    </th>
  );
  return (
    <>
      {users.length > MANY && (
        <Field
          label={t("users.search")}
          type="search"
          className={look.search ?? ""}
          value={search}
          onChange={(text) => {
            setSearch(text);
            setPage(1);
          }}
        />
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, and not only by mouse */}
      <section className={styles.scroll} aria-label={t("users.title")} tabIndex={0}>
        <table className={`${styles.table} ${look.table}`}>
          <thead>
            <tr>
              <th>
                <Check
                  aria-label={t("users.selectAll")}
                  isSelected={all}
                  isIndeterminate={!all && found.some(({ id }) => selected.has(id))}
                  onChange={(on) =>
                    toggle(
                      found.map(({ id }) => id),
                      on,
                    )
                  }
                >
                  {null}
                </Check>
              </th>
              {head("name")}
              {head("login")}
              {head("email")}
              <th>{t("users.columns.telework")}</th>
              <th>{t("users.columns.delegate")}</th>
              <th>{t("users.columns.invoices")}</th>
              {head("created")}
              <th>{t("users.columns.actions")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.length === 0 && (
              <tr>
                <td colSpan={9}>{t("users.none")}</td>
              </tr>
            )}
            {shown.map((user) => (
              <tr key={user.id}>
                <td>
                  <Check
                    aria-label={t("users.select", { name: tableName(user) })}
                    isSelected={selected.has(user.id)}
                    onChange={(on) => toggle([user.id], on)}
                  >
                    {null}
                  </Check>
                </td>
                <td>
                  {tableName(user)}
                  {user.rights.administrator && <small>{t("users.administrator")}</small>}
                  {user.never_logged_in && <small>{t("users.neverLoggedIn")}</small>}
                </td>
                <td>{user.login}</td>
                <td>{user.email}</td>
                <YesNo value={user.rights.telework} />
                <YesNo value={user.rights.visio === "delegate"} />
                <YesNo value={user.rights.invoices} />
                <td>{moment(user.created_at, i18n.language)}</td>
                <td>
                  <div className={styles.cell}>
                    <span title={t("users.edit")} className={styles.act}>
                      <Button
                        look="quiet"
                        aria-label={t("users.editOne", { name: tableName(user) })}
                        onPress={() => onEdit(user)}
                      >
                        <Pencil />
                      </Button>
                    </span>
                    <span title={t("users.delete_one")} className={styles.act}>
                      <Button
                        look="quiet"
                        aria-label={t("users.deleteOne", { name: tableName(user) })}
                        onPress={() => onDelete(user)}
                      >
                        <Bin />
                      </Button>
                    </span>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {pages > 1 && <Pages page={Math.min(page, pages)} pages={pages} onPage={setPage} />}
    </>
  );
}

function YesNo({ value }: { value: boolean }) {
  const { t } = useTranslation();
  return (
    <td>
      <span aria-hidden="true" className={value ? look.yes : look.no}>
        {value ? "✓" : "–"}
      </span>
      <span className={styles.spoken}>{t(value ? "users.yes" : "users.no")}</span>
    </td>
  );
}

/** Without regard to case and accents. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function matches(user: Account, search: string): boolean {
  const text = plain(`${tableName(user)} ${user.login} ${user.email}`);
  return plain(search)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function inOrder(key: Key, down: boolean): (one: Account, other: Account) => number {
  const collator = new Intl.Collator("fr", { numeric: true });
  const sign = down ? -1 : 1;
  return (one, other) => sign * (collator.compare(KEYS[key](one), KEYS[key](other)) || one.id - other.id);
}
