import i18next, { type ResourceLanguage } from "i18next";
import { initReactI18next } from "react-i18next";
import fr from "./fr.json";

/** Texts that a page has of its own. */
interface Texts {
  fr: ResourceLanguage;
  /** Fetched where they are wanted: nobody else waits for them. */
  en(): Promise<ResourceLanguage>;
}

/** French, as the offices' service is and the box's own messages are; English where a user has chosen it. French is there at once. */
export async function startI18n(more?: Texts): Promise<void> {
  const language = localStorage.getItem("tabellion:language") === "en" ? "en" : "fr";
  document.documentElement.lang = language;
  const resources: Record<string, { translation: ResourceLanguage }> = {
    fr: { translation: { ...fr, ...more?.fr } },
  };
  if (language === "en") {
    const { default: en } = await import("./en.json");
    resources["en"] = { translation: { ...en, ...(await more?.en()) } };
  }
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "fr",
    resources,
    interpolation: { escapeValue: false },
  });
}
