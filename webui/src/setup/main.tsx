import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startI18n } from "../i18n";
import fr from "../i18n/setup.fr.json";
import "../ui/tokens.css";
import { applyTheme } from "../ui/theme";
import { Setup } from "./Setup";

applyTheme();
await startI18n({ fr, en: async () => (await import("../i18n/setup.en.json")).default });
// What stands behind the # is sent to nobody and logged nowhere; the address bar and the history keep it no longer either.
const code = decodeURIComponent(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Setup scanned={code} />
    </StrictMode>,
  );
