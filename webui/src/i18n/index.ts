import i18next, { type ResourceLanguage } from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";
import fr from "./fr.json";

/**
 * French, as the offices' service is and the box's own messages are; English where a user has chosen it.
 * @param more the texts of a page that has some of its own
 */
export function startI18n(more?: { fr: ResourceLanguage; en: ResourceLanguage }): void {
  const language = localStorage.getItem("tabellion:language") === "en" ? "en" : "fr";
  document.documentElement.lang = language;
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "fr",
    resources: { fr: { translation: { ...fr, ...more?.fr } }, en: { translation: { ...en, ...more?.en } } },
    interpolation: { escapeValue: false },
  });
}
