import { useTranslation } from "react-i18next";
import { Button } from "../ui/controls";
import styles from "./app.module.css";
import { moment } from "./moments";
import type { Order, Orders } from "./users";
import look from "./users.module.css";

/** Orders that nobody has told whoever bills of. */
const OPEN = ["waiting", "mail_failed"];

/** What was ordered, how far it has come, and the file for whoever bills. */
export function OrdersTable({ orders, onHandOver }: { orders: Orders; onHandOver(last: number): void }) {
  const { t } = useTranslation();
  const open = orders.orders.filter(({ delivery, kind }) => OPEN.includes(delivery) && kind !== "carried");
  return (
    <section className={`${styles.panel} ${look.orders}`} aria-labelledby="orders">
      <h2 id="orders">{t("licences.orders.title")}</h2>
      <p>
        {orders.billing_email
          ? t("licences.orders.mailed", { email: orders.billing_email })
          : t("licences.orders.byHand")}
      </p>
      <p>{t("licences.orders.directory")}</p>
      <div className={styles.row}>
        <a className={styles.more} href="/api/orders/export" download>
          {t("licences.orders.export")}
        </a>
        {open.length > 0 && (
          <Button onPress={() => onHandOver(Math.max(...open.map(({ id }) => id)))}>
            {t("licences.orders.handOver", { count: open.length })}
          </Button>
        )}
      </div>
      <br />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, and not only by mouse */}
      <section className={styles.scroll} aria-label={t("licences.orders.title")} tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              {["number", "at", "what", "by", "state"].map((column) => (
                <th key={column}>{t(`licences.orders.columns.${column}`)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {orders.orders.length === 0 && (
              <tr>
                <td colSpan={5}>{t("licences.orders.none")}</td>
              </tr>
            )}
            {orders.orders.map((order) => (
              <Row key={order.id} order={order} />
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function Row({ order }: { order: Order }) {
  const { t, i18n } = useTranslation();
  const { kind, subject, delivery, delivered_at } = order;
  const at = delivered_at && moment(delivered_at, i18n.language);
  return (
    <tr>
      <td>{order.id}</td>
      <td>{moment(order.at, i18n.language)}</td>
      <td>{t(`licences.orders.kind.${kind}`, { count: order.licences, name: subject })}</td>
      <td>{order.by || t("licences.orders.box")}</td>
      <td>{kind === "carried" ? "" : t(`licences.orders.state.${delivery}`, { at })}</td>
    </tr>
  );
}
