import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";

/** Whom a user in difficulty turns to (AUTH-06); nothing where nobody was named. */
export function Contact({
  support: { name, phone, email, hours },
  className,
}: {
  support: Schemas["SupportContact"];
  className: string | undefined;
}) {
  const { t } = useTranslation();
  if (!name && !phone && !email && !hours) return null;
  return (
    <section aria-labelledby="support" className={className}>
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
