import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { ConfirmDialog } from "./ConfirmDialog";
import { useSession } from "./session";
import { UserForm } from "./UserForm";
import { UsersTable } from "./UsersTable";
import { type Account, tableName, useUserActions, useUsers } from "./users";

/** «Gestion des utilisateurs», for administrators (USER-01 to USER-06). */
export function Users() {
  const { t } = useTranslation();
  const users = useUsers();
  const own = useSession().data?.user.id;
  const { remove } = useUserActions();
  const [edited, setEdited] = useState<number | "new" | null>(null);
  const [deleted, setDeleted] = useState<Account[]>([]);
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [done, setDone] = useState<string | null>(null);
  const { data } = users;

  if (users.isError) return <Notice kind="bad">{users.error.message || t("common.failed")}</Notice>;
  if (!data) return <p>{t("common.loading")}</p>;
  const user = data.users.find(({ id }) => id === edited) ?? null;
  if (edited === "new" || user)
    return (
      <UserForm
        key={edited}
        user={user}
        users={data}
        onDone={(told) => {
          setDone(told);
          setEdited(null);
        }}
      />
    );

  // Those who are there no more are not selected either.
  const chosen = data.users.filter(({ id }) => selected.has(id));
  return (
    <>
      <div className={styles.bar}>
        <h1>{t("users.title")}</h1>
        <div className={styles.row}>
          {chosen.length > 0 && (
            <Button look="danger" onPress={() => setDeleted(chosen)}>
              {t("users.deleteSelected", { count: chosen.length })}
            </Button>
          )}
          <Button look="primary" onPress={() => setEdited("new")}>
            {t("users.create")}
          </Button>
        </div>
      </div>
      {done && <Notice kind="good">{done}</Notice>}
      {remove.isError && <Notice kind="bad">{remove.error.message || t("common.failed")}</Notice>}
      <p>
        {t("users.licences", {
          used: data.licences.used,
          owned: data.licences.owned,
          count: data.licences.left,
        })}
      </p>
      <UsersTable
        users={data.users}
        selected={selected}
        onSelect={setSelected}
        onEdit={({ id }) => {
          setDone(null);
          setEdited(id);
        }}
        onDelete={(one) => setDeleted([one])}
      />
      {deleted.length > 0 && (
        <ConfirmDialog
          title={t("users.delete", { count: deleted.length })}
          action={t("users.delete", { count: deleted.length })}
          onClose={() => setDeleted([])}
          onConfirm={() => {
            setDone(null);
            const told = t("users.deleted", { count: deleted.length });
            remove.mutate(
              deleted.map(({ id }) => id),
              { onSuccess: () => setDone(told) },
            );
            setSelected(new Set());
            setDeleted([]);
          }}
        >
          {t("users.deleteAsk", {
            names: deleted.map(tableName).join("\u00a0; "),
            count: deleted.length,
          })}
          {deleted.some(({ id }) => id === own) && <strong> {t("users.deleteOwn")}</strong>}
        </ConfirmDialog>
      )}
    </>
  );
}
