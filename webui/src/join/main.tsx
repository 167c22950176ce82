import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startI18n } from "../i18n";
import "../ui/tokens.css";
import { Join } from "./Join";

startI18n();
const token = location.pathname.split("/").filter(Boolean).at(-1) ?? "";
const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Join link={decodeURIComponent(token)} />
    </StrictMode>,
  );
