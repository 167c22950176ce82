import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startI18n } from "../i18n";
import "../ui/tokens.css";
import { applyTheme } from "../ui/theme";
import { Join } from "./Join";

await startI18n();
applyTheme();
const [place, ...rest] = location.pathname.split("/").filter(Boolean);
const token = decodeURIComponent(rest.at(-1) ?? "");

/** Guests are most of those who come: what the others see is fetched when they do. */
async function page() {
  if (place === "reunion") return <Join link={token} />;
  if (place === "verification") {
    const { Verification } = await import("./Verification");
    return <Verification number={token} />;
  }
  const { Outside } = await import("./Outside");
  return <Outside />;
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode>{await page()}</StrictMode>);
