import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";
import fr from "./fr.json";

/** French, as the offices' service is and the box's own messages are; English where a user has chosen it. */
export function startI18n(): void {
  const language = localStorage.getItem("tabellion:language") === "en" ? "en" : "fr";
  document.documentElement.lang = language;
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "fr",
    resources: { fr: { translation: fr }, en: { translation: en } },
    interpolation: { escapeValue: false },
  });
}
