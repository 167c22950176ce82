import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { answered, api, type Schemas } from "../api/client";
import { Contact } from "../ui/Contact";
import { Button } from "../ui/controls";
import styles from "./join.module.css";

/** Of somebody whom the espace client does not answer, since he is on none of the office’s networks (AUTH-04). */
export function Outside() {
  const { t } = useTranslation();
  const [brand, setBrand] = useState<Schemas["BrandView"] | null>(null);
  useEffect(() => {
    document.title = t("outside.title");
    // Without it, the page still says what to do.
    answered(api.GET("/api/brand")).then(setBrand, () => undefined);
  }, [t]);
  return (
    <main className={styles.page}>
      <div className={styles.office}>{brand?.service}</div>
      <div className={styles.card}>
        <h1>{t("outside.title")}</h1>
        <p>{t("outside.office")}</p>
        <p>{t("outside.guest")}</p>
        <Button onPress={() => location.reload()}>{t("outside.again")}</Button>
        {brand && <Contact support={brand.support} className={styles.contact} />}
      </div>
    </main>
  );
}
