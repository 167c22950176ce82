import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Contact } from "../ui/Contact";
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
  return (
    <>
      <Contact support={brand.support} className={look.support} />
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
