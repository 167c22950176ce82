import { useTranslation } from "react-i18next";
import { Button } from "../ui/controls";
import styles from "./app.module.css";

/** From page to page of a table. @param page from 1 */
export function Pages({ page, pages, onPage }: { page: number; pages: number; onPage(page: number): void }) {
  const { t } = useTranslation();
  return (
    <div className={styles.row}>
      <Button isDisabled={page <= 1} onPress={() => onPage(page - 1)}>
        {t("meetings.previous")}
      </Button>
      {t("meetings.page", { page, pages })}
      <Button isDisabled={page >= pages} onPress={() => onPage(page + 1)}>
        {t("meetings.next")}
      </Button>
    </div>
  );
}
