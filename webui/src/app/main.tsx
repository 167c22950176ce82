import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiProblem } from "../api/client";
import { startI18n } from "../i18n";
import homeFr from "../i18n/home.fr.json";
import fr from "../i18n/portal.fr.json";
import scheduledFr from "../i18n/scheduled.fr.json";
import usersFr from "../i18n/users.fr.json";
import "../ui/tokens.css";
import { applyTheme } from "../ui/theme";
import { fetchAhead, makeRouter } from "./routes";

await startI18n({
  fr: { ...fr, ...homeFr, ...usersFr, ...scheduledFr },
  en: async () => {
    const [portal, home, users, scheduled] = await Promise.all([
      import("../i18n/portal.en.json"),
      import("../i18n/home.en.json"),
      import("../i18n/users.en.json"),
      import("../i18n/scheduled.en.json"),
    ]);
    return { ...portal.default, ...home.default, ...users.default, ...scheduled.default };
  },
});
applyTheme();
/** What was asked while nobody was logged in waits for the next login, which has it asked again: what the page shows stays meanwhile. */
const waitsForLogin = (problem: Error) => problem instanceof ApiProblem && problem.code === "not_logged_in";
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, problem) => waitsForLogin(problem) || count < 1,
      retryDelay: (count, problem) =>
        waitsForLogin(problem) ? 60_000 : Math.min(1_000 * 2 ** count, 30_000),
      staleTime: 5_000,
    },
  },
});
const router = makeRouter();
const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
fetchAhead();
