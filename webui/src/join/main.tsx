import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startI18n } from "../i18n";
import "../ui/tokens.css";
import { applyTheme } from "../ui/theme";
import { Join } from "./Join";
import { Outside } from "./Outside";
import { Verification } from "./Verification";

startI18n();
applyTheme();
const [place, ...rest] = location.pathname.split("/").filter(Boolean);
const token = decodeURIComponent(rest.at(-1) ?? "");
const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      {place === "verification" && <Verification number={token} />}
      {place === "reunion" && <Join link={token} />}
      {place !== "verification" && place !== "reunion" && <Outside />}
    </StrictMode>,
  );
