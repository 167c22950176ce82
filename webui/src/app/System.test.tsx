// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api, type Schemas } from "../api/client";
import { startI18n } from "../i18n";
import en from "../i18n/portal.en.json";
import fr from "../i18n/portal.fr.json";
import { System } from "./System";

let place: HTMLElement;
let root: Root;

beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  void startI18n({ fr, en: async () => en });
  place = document.body.appendChild(document.createElement("div"));
  root = createRoot(place);
});

afterEach(() => {
  act(() => root.unmount());
  place.remove();
  vi.restoreAllMocks();
});

/** The page of a box that says this of itself, section by section. */
async function shown(state: Schemas["SystemView"]): Promise<(title: string) => HTMLElement> {
  const get = async () => ({ data: state, response: new Response(null, { status: 200 }) });
  vi.spyOn(api, "GET").mockImplementation(get as unknown as typeof api.GET);
  const queries = new QueryClient();
  await act(async () =>
    root.render(
      <QueryClientProvider client={queries}>
        <System />
      </QueryClientProvider>,
    ),
  );
  await vi.waitFor(() => act(async () => expect(place.querySelector("section")).not.toBeNull()));
  return (title) => {
    const heading = [...place.querySelectorAll("h2")].find((one) => one.textContent === title);
    return heading?.parentElement ?? expect.fail(`no section «${title}»`);
  };
}

/** The certificate of a box that asks nobody outside for one. */
const OWN = { given: false, until: null, trouble: null };

/** The load of a box that suits all that is asked of it. */
const CALM = { share_percent: 12, pictures: "whole" } as const;

/** As it is read, whatever its spaces are. */
function text(element: Element | null): string {
  return element?.textContent?.replace(/\s+/g, " ") ?? "";
}

it("says what works and what does not, with the details folded", async () => {
  const section = await shown({
    version: "0.1.0",
    protection: "key-file",
    certificate: OWN,
    load: CALM,
    checks: [
      { check: "web", passed: true, applicable: true, detail: "HTTP/1.1 200 OK" },
      { check: "sip", passed: false, applicable: true, detail: "no answer to OPTIONS" },
      { check: "tomorrow", passed: true, applicable: true, detail: "" },
      { check: "network", passed: true, applicable: false, detail: "no network cable" },
    ],
    updates: {
      trial: null,
      rejected: [
        { version: "0.2.0", reason: "les pages web ne répondent pas", detail: ["web: refused", "a line"] },
      ],
    },
  });
  expect(text(section("Version"))).toContain("0.1.0");
  expect(text(section("Protection des données"))).toContain("mais la clé est sur le même disque");
  const checks = [...section("Vérifications au démarrage").querySelectorAll("li")].map(text);
  expect(checks[0]).toBe("✓Pages web : réussie");
  expect(checks[1]).toContain("✗Équipements de salle : échouée");
  expect(checks[1]).toContain("no answer to OPTIONS");
  expect(checks[2]).toBe("✓tomorrow : réussie");
  expect(checks[3]).toContain("–Réseau comme avant : sans objet");
  expect(checks[3]).toContain("no network cable");
  const updates = section("Mises à jour");
  expect(text(updates)).toContain("Mise à jour 0.2.0 annulée : les pages web ne répondent pas.");
  const details = updates.querySelector("details");
  expect(details?.open).toBe(false);
  expect(text(details)).toContain("web: refused a line");
});

it("says how the data are protected", async () => {
  const words = {
    tpm2: "Chiffrées, ouvertes par la puce TPM de cette machine.",
    none: "Non chiffrées.",
    unknown: "Inconnue.",
  } as const;
  for (const [protection, sentence] of Object.entries(words)) {
    const known = {
      version: "1",
      protection: protection as keyof typeof words,
      checks: [],
      updates: null,
      certificate: OWN,
      load: CALM,
    };
    const section = await shown(known);
    expect(text(section("Protection des données"))).toContain(sentence);
    act(() => root.unmount());
    root = createRoot(place);
  }
});

it("says that an update is on trial, that there is none, and that nothing is known", async () => {
  const trial = { from: "0.1.0", to: "0.2.0", starts: 1 };
  const box = { version: "0.2.0", protection: "tpm2", checks: null, certificate: OWN, load: CALM } as const;
  let section = await shown({ ...box, updates: { trial, rejected: [] } });
  expect(text(section("Mises à jour"))).toContain("Mise à jour 0.2.0 à l’essai.");
  expect(text(section("Vérifications au démarrage"))).toContain("Inconnues.");
  for (const [updates, sentence] of [
    [{ trial: null, rejected: [] }, "Aucune mise à jour à l’essai ni annulée."],
    [null, "Inconnues."],
  ] as const) {
    act(() => root.unmount());
    root = createRoot(place);
    section = await shown({ ...box, updates: updates && { ...updates, rejected: [] } });
    expect(text(section("Mises à jour"))).toContain(sentence);
  }
});

it("says what certificate is served, and what keeps another one from coming", async () => {
  const trouble = { text: "Gandi refuse le jeton.", detail: "401", next: "2026-11-23T12:15:00Z" };
  const box = { version: "0.2.0", protection: "tpm2", checks: null, updates: null, load: CALM } as const;
  const section = await shown({
    ...box,
    certificate: { given: false, until: "2027-11-23T12:00:00Z", trouble },
  });
  const said = text(section("Certificat"));
  expect(said).toContain("L’autorité de la boîte a fait le certificat.");
  expect(said).toContain("23 novembre 2027");
  expect(said).toContain("Gandi refuse le jeton.");
  expect(said).toContain("23 novembre 2026");
});

it("says how busy the box is, and what it has given up for it", async () => {
  const box = {
    version: "0.2.0",
    protection: "tpm2",
    checks: null,
    updates: null,
    certificate: OWN,
  } as const;
  for (const [load, sentence] of [
    [CALM, "L’image et le son occupent la boîte à 12 %."],
    [{ share_percent: 85, pictures: "reduced" }, "de ceux qui ne parlent pas sont plus petites"],
    [{ share_percent: 90, pictures: "full" }, "aucun participant de plus n’est admis"],
    [{ share_percent: 97, pictures: "few" }, "seules quelques images sont transmises"],
    [null, "L’image et le son ne répondent pas."],
  ] as const) {
    const section = await shown({ ...box, load });
    expect(text(section("Charge"))).toContain(sentence);
    act(() => root.unmount());
    root = createRoot(place);
  }
});

it("says what encodes and decodes, and that a device has failed", async () => {
  const box = {
    version: "0.2.0",
    protection: "tpm2",
    checks: null,
    updates: null,
    certificate: OWN,
    load: CALM,
  } as const;
  const software = { element: "avdec_h264", is_device: false, failure: null };
  const device = { element: "vah264enc", is_device: true, failure: null };
  const codecs = { encoder: device, decoder: software, refused: ["nvh264dec: no device"] };
  let section = await shown({ ...box, codecs });
  let said = text(section("Codecs vidéo"));
  expect(said).toContain("Encodage pour les salles : par la carte graphique (vah264enc).");
  expect(said).toContain("Décodage : par le processeur (avdec_h264).");
  expect(said).toContain("nvh264dec: no device");
  expect(said).not.toContain("a échoué");
  act(() => root.unmount());
  root = createRoot(place);
  section = await shown({ ...box, codecs: { ...codecs, encoder: { ...device, failure: "gone" } } });
  said = text(section("Codecs vidéo"));
  expect(said).toContain("vah264enc a échoué pendant une réunion");
});
