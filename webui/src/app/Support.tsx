import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useBrand } from "./brand";
import look from "./brand.module.css";

/**
 * Whom a user in difficulty turns to (AUTH-06), and the legal texts; where there are some.
 * @param contactOnly where following a link would lose what is on the page
 */
export function Support({ contactOnly = false }: { contactOnly?: boolean }) {
  const { t } = useTranslation();
  const brand = useBrand().data;
  if (!brand) return null;
  const { name, phone, email, hours } = brand.support;
  return (
    <>
      {(name || phone || email || hours) && (
        <section aria-labelledby="support" className={look.support}>
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
      )}
      {!contactOnly && (brand.terms || brand.responsibility) && (
        <nav aria-label={t("home.legal.title")} className={look.legal}>
          {brand.terms && <Link to="/cgv">{t("home.legal.terms")}</Link>}
          {brand.responsibility && <Link to="/responsabilite">{t("home.legal.responsibility")}</Link>}
        </nav>
      )}
    </>
  );
}

/** The service's logo and name. */
export function Sign() {
  const brand = useBrand().data;
  if (!brand) return null;
  return (
    <p className={look.sign}>
      {brand.logo && <img src={brand.logo} alt="" width="40" height="40" />}
      <span>{brand.service}</span>
    </p>
  );
}
