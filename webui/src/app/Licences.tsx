import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { ConfirmDialog } from "./ConfirmDialog";
import { OrdersTable } from "./OrdersTable";
import { useOrders, useUserActions } from "./users";
import look from "./users.module.css";

/** «Licences» (LIC-01), and the orders that go to whoever bills (USER-04). */
export function Licences() {
  const { t } = useTranslation();
  const orders = useOrders();
  const { order, handOver } = useUserActions();
  const [count, setCount] = useState("1");
  const [asked, setAsked] = useState<number | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const { data } = orders;
  if (orders.isError) return <Notice kind="bad">{orders.error.message || t("common.failed")}</Notice>;
  if (!data) return <p>{t("common.loading")}</p>;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setDone(null);
    order.reset();
    const number = /^\d{1,9}$/.test(count.trim()) ? Number(count) : 0;
    // The box says what is wrong with it.
    if (number < 1 || number > 200) order.mutate(number);
    else setAsked(number);
  };
  const { owned, used, left } = data.licences;
  const problem = handOver.error ?? (order.error?.error?.field === "count" ? null : order.error);
  return (
    <div className={styles.stack}>
      <h1>{t("licences.title")}</h1>
      {done && <Notice kind="good">{done}</Notice>}
      {problem && <Notice kind="bad">{problem.message || t("common.failed")}</Notice>}
      <section className={styles.panel} aria-labelledby="licences-now">
        <h2 id="licences-now">{t("licences.now")}</h2>
        <dl className={look.figures}>
          {Object.entries({ owned, used, left }).map(([name, value]) => (
            <div key={name}>
              <dt>{t(`licences.${name}`)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <p>{t("licences.rule")}</p>
      </section>
      <section className={styles.panel} aria-labelledby="licences-more">
        <h2 id="licences-more">{t("licences.more")}</h2>
        <form onSubmit={submit} noValidate>
          <Field
            label={t("licences.count")}
            inputMode="numeric"
            autoComplete="off"
            value={count}
            onChange={setCount}
            error={order.error?.error?.field === "count" ? order.error.message : null}
          />
          <Button type="submit" look="primary" isDisabled={order.isPending}>
            {t("licences.order")}
          </Button>
        </form>
      </section>
      <OrdersTable orders={data} onHandOver={(last) => handOver.mutate(last)} />
      {asked !== null && (
        <ConfirmDialog
          title={t("licences.more")}
          action={t("licences.confirm")}
          onClose={() => setAsked(null)}
          onConfirm={() => {
            const told = t("licences.ordered", { count: asked });
            order.mutate(asked, { onSuccess: () => setDone(told) });
            setAsked(null);
          }}
        >
          {t("licences.ask", { count: asked })}{" "}
          {data.billing_email
            ? t("licences.askMailed", { email: data.billing_email })
            : t("licences.askByHand")}
        </ConfirmDialog>
      )}
    </div>
  );
}
