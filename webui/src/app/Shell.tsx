import { Link, Outlet } from "@tanstack/react-router";
import { Suspense, useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { Button } from "../ui/controls";
import { Book, Journal } from "../ui/icons";
import styles from "./app.module.css";
import { Directory } from "./Directory";
import { Support } from "./Support";
import { Leaving, useSession } from "./session";
import { ThemeChoice } from "./ThemeChoice";

/** The frame around the portal’s pages: menu «VISIOCONFÉRENCE», sub-menu on the left, support. */
export function Shell() {
  const { t } = useTranslation();
  const session = useSession().data;
  const leave = useContext(Leaving);
  const [directoryOpen, setDirectoryOpen] = useState(false);
  return (
    <div className={styles.shell}>
      <header className={styles.head}>
        <span className={styles.office}>{session?.office.name}</span>
        <Link to="/">{t("menu.main")}</Link>
        <span className={styles.act} title={t("directory.open")}>
          <Button aria-label={t("directory.open")} onPress={() => setDirectoryOpen(true)}>
            <Book />
          </Button>
        </span>
        <span className={styles.act} title={t("home.calls.title")}>
          <Link to="/journal-d-appel" aria-label={t("home.calls.title")} className={styles.iconLink}>
            <Journal />
          </Link>
        </span>
        <span>{session?.user.name}</span>
        <Button onPress={() => leave(api.DELETE("/api/session"))}>{t("login.logout")}</Button>
      </header>
      <nav className={styles.side} aria-label={t("menu.navigation")}>
        <h2>{t("menu.sub")}</h2>
        <ul>
          <li>
            <Link to="/" activeOptions={{ exact: true }}>
              {t("menu.dashboard")}
            </Link>
          </li>
          <li>
            <Link to="/reunions-programmees">{t("menu.scheduled")}</Link>
          </li>
          <li>
            <Link to="/reunions-permanentes">{t("menu.permanent")}</Link>
          </li>
          <li>
            <Link to="/mon-mot-de-passe">{t("password.own")}</Link>
          </li>
          {session?.user.administrator && (
            <>
              <li>
                <Link to="/utilisateurs">{t("users.title")}</Link>
              </li>
              <li>
                <Link to="/licences">{t("licences.title")}</Link>
              </li>
              <li>
                <Link to="/etat-de-la-boite">{t("system.title")}</Link>
              </li>
              <li>
                <Link to="/reglages-de-la-boite">{t("settings.title")}</Link>
              </li>
              <li>
                <Link to="/donnees-de-l-annuaire">{t("directory.data.title")}</Link>
              </li>
              <li>
                <Link to="/donnees-personnelles">{t("personal.title")}</Link>
              </li>
              <li>
                <Link to="/mises-a-jour">{t("updates.title")}</Link>
              </li>
              <li>
                <Link to="/sauvegarde">{t("backup.title")}</Link>
              </li>
              <li>
                <Link to="/maintenance">{t("maintenance.title")}</Link>
              </li>
            </>
          )}
        </ul>
      </nav>
      <main className={styles.main}>
        <Suspense fallback={<p>{t("common.loading")}</p>}>
          <Outlet />
        </Suspense>
      </main>
      <aside className={styles.help}>
        <Support />
        <ThemeChoice />
      </aside>
      {directoryOpen && <Directory onClose={() => setDirectoryOpen(false)} />}
    </div>
  );
}
