// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api, type Schemas } from "../api/client";
import { startI18n } from "../i18n";
import en from "../i18n/portal.en.json";
import fr from "../i18n/portal.fr.json";
import { Updates } from "./Updates";

type Updating = Schemas["UpdatingView"];

let place: HTMLElement;
let root: Root;

beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  // React Aria's modal asks for it; this DOM has none.
  vi.stubGlobal("CSS", { escape: (text: string) => text });
  void startI18n({ fr, en: async () => en });
  place = document.body.appendChild(document.createElement("div"));
  root = createRoot(place);
});

afterEach(() => {
  act(() => root.unmount());
  place.remove();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A box with nothing to do, but for this. */
function box(difference: Partial<Updating>): Updating {
  return {
    supported: true,
    version: "0.1.0",
    source: "https://maj.test/stable/",
    automatic: true,
    window: {
      days: ["monday"],
      from: "02:00",
      to: "05:00",
      zone: "Europe/Paris",
      opens_at: "2026-11-26T02:00:00+01:00",
    },
    activity: { state: "idle" },
    look: null,
    installed: null,
    people: 0,
    trial: null,
    failure: null,
    rejected: [],
    ...difference,
  };
}

const OFFER = { at: "2026-11-25T12:00:00Z", version: "0.2.0", bytes: 640_000_000, failure: null };

/** What the page of such a box shows, as it is read; and what it asks the box for. */
async function shown(difference: Partial<Updating>) {
  const answer = (data: unknown) => async () => ({ data, response: new Response(null, { status: 200 }) });
  vi.spyOn(api, "GET").mockImplementation(answer(box(difference)) as unknown as typeof api.GET);
  const asked = vi.spyOn(api, "POST").mockImplementation(answer(null) as unknown as typeof api.POST);
  await act(async () =>
    root.render(
      <QueryClientProvider client={new QueryClient()}>
        <Updates />
      </QueryClientProvider>,
    ),
  );
  await vi.waitFor(() => act(async () => expect(place.textContent).not.toContain("Chargement")));
  return { text: () => (document.body.textContent ?? "").replace(/\s+/g, " "), asked };
}

async function press(name: string): Promise<void> {
  const button = [...document.querySelectorAll("button")].find((one) => one.textContent === name);
  if (!button) expect.fail(`no button «${name}»`);
  await act(async () => button.click());
}

it("says of a demonstration that it has nothing to update", async () => {
  const { text } = await shown({ supported: false });
  expect(text()).toContain("il n’y a pas de micrologiciel à mettre à jour");
  expect(place.querySelector("button")).toBeNull();
});

it("offers what the server has, and has it installed", async () => {
  const { text, asked } = await shown({ look: OFFER });
  expect(text()).toContain("La version 0.2.0 est disponible (640 Mo).");
  await press("Installer la version 0.2.0");
  const body = { from: "server", again: false };
  expect(asked).toHaveBeenCalledWith("/api/system/updates/installation", { body });
});

it("shows how far a download has come, and begins nothing beside it", async () => {
  const activity = { state: "downloading", done: 320_000_000, total: 640_000_000 } as const;
  const { text } = await shown({ look: OFFER, activity });
  expect(text()).toContain("Téléchargement…320 Mo sur 640 Mo");
  const bar = place.querySelector("progress");
  expect([bar?.value, bar?.max]).toEqual([320_000_000, 640_000_000]);
  const others = [...place.querySelectorAll("button")].filter((button) => !button.disabled);
  expect(others).toEqual([]);
});

it("says why an installation has failed", async () => {
  const { text } = await shown({ failure: "La signature de la mise à jour n’est pas celle de l’éditeur." });
  expect(place.querySelector("[role=alert]")?.textContent).toContain("La signature");
  expect(text()).toContain("Le serveur n’a pas encore été consulté.");
});

it("restarts at once only after a warning while people meet", async () => {
  const { text, asked } = await shown({ installed: "0.2.0", people: 2 });
  expect(text()).toContain("jeudi 26 novembre 2026 à 02:00");
  expect(text()).toContain("2 personnes sont en réunion");
  await press("Redémarrer maintenant");
  expect(asked).not.toHaveBeenCalled();
  await press("Redémarrer quand même");
  const body = { despite_people: true };
  expect(asked).toHaveBeenCalledWith("/api/system/updates/restart", { body });
  expect(text()).toContain("La boîte redémarre.");
});

it("tries a version that was taken back again only on purpose", async () => {
  const rejected = [{ version: "0.2.0", reason: "les pages web ne répondent pas", detail: ["web: refused"] }];
  const { text, asked } = await shown({ look: OFFER, rejected });
  expect(text()).toContain("Mise à jour 0.2.0 annulée : les pages web ne répondent pas.");
  expect(text()).toContain("web: refused");
  expect(text()).not.toContain("Installer la version 0.2.0");
  await press("Réessayer la version 0.2.0");
  const body = { from: "server", again: true };
  expect(asked).toHaveBeenCalledWith("/api/system/updates/installation", { body });
});
