import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { answered, api, type Schemas } from "../api/client";
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
        {brand && <Contact {...brand.support} />}
      </div>
    </main>
  );
}

function Contact({ name, phone, email, hours }: Schemas["SupportContact"]) {
  const { t } = useTranslation();
  if (!name && !phone && !email && !hours) return null;
  return (
    <section aria-labelledby="support" className={styles.contact}>
      <h2 id="support">{t("support.title")}</h2>
      {name && <p>{name}</p>}
      {phone && (
        <p>
          <a href={`tel:${phone.replaceAll(/[^\d+]/g, "")}`}>{phone}</a>
        </p>
      )}
      {email && (
        <p>
          <a href={`mailto:${email}`}>{email}</a>
        </p>
      )}
      {hours && <p>{hours}</p>}
    </section>
  );
}
