// @vitest-environment jsdom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "../api/client";
import { startI18n } from "../i18n";
import { EntryForm } from "./EntryForm";

let place: HTMLElement;
let root: Root;
const onSeat = vi.fn();
const sent: unknown[] = [];

/** The box's next answer. */
let answer: { status: number; body: unknown };

beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  const post = async (_path: string, init: { body: unknown }) => {
    sent.push(init.body);
    const response = new Response(null, { status: answer.status });
    return response.ok ? { data: answer.body, response } : { error: answer.body, response };
  };
  vi.spyOn(api, "POST").mockImplementation(post as unknown as typeof api.POST);
  void startI18n();
  sent.length = 0;
  onSeat.mockReset();
  place = document.body.appendChild(document.createElement("div"));
  root = createRoot(place);
});

afterEach(() => {
  act(() => root.unmount());
  place.remove();
  vi.restoreAllMocks();
});

function field(label: string): HTMLInputElement | HTMLSelectElement {
  const found = [...place.querySelectorAll("label")].find((one) => one.textContent?.startsWith(label));
  const input = found?.control ?? found?.parentElement?.querySelector("input");
  if (!input) throw new Error(`no field «${label}»`);
  return input as HTMLInputElement;
}

function fill(label: string, value: string): void {
  const input = field(label);
  const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), "value")?.set;
  act(() => {
    setter?.call(input, value);
    input.dispatchEvent(new Event(input.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
  });
}

async function show(codeRequired: boolean): Promise<void> {
  await act(async () =>
    root.render(<EntryForm link="link" codeRequired={codeRequired} onSeat={onSeat} onChanged={() => {}} />),
  );
}

async function submit(): Promise<void> {
  await act(async () => {
    place.querySelector("form")?.requestSubmit();
    await new Promise((resolve) => setTimeout(resolve));
  });
}

it("sends who asks, and hands the seat on", async () => {
  answer = { status: 201, body: { seat_token: "secret" } };
  await show(true);
  fill("Civilité", "Maître");
  fill("Prénom", "Bob");
  fill("Nom", "Martin");
  fill("Code de sécurité", "1234");
  await submit();
  expect(sent).toEqual([{ civility: "Maître", first_name: "Bob", last_name: "Martin", code: "1234" }]);
  expect(onSeat).toHaveBeenCalledWith("secret");
});

it("masks the code, and does not ask for one where none is needed", async () => {
  await show(true);
  expect(field("Code de sécurité")).toMatchObject({ type: "password" });
  await show(false);
  expect(() => field("Code de sécurité")).toThrow();
});

it("says at its field what the box does not take", async () => {
  answer = {
    status: 422,
    body: { error: { code: "invalid", field: "last_name", message: "Indiquez votre nom." } },
  };
  await show(false);
  await submit();
  expect(field("Nom").getAttribute("aria-invalid")).toBe("true");
  const described = field("Nom").getAttribute("aria-describedby") ?? "";
  const texts = described.split(" ").map((id) => document.getElementById(id)?.textContent);
  expect(texts).toContain("Indiquez votre nom.");
  expect(onSeat).not.toHaveBeenCalled();
});

it.each([
  [4, "Il vous reste 4 essais."],
  [1, "Il vous reste 1 essai."],
  [0, "C’était votre dernier essai. Patientez avant de réessayer."],
])("announces a wrong code, and that %d attempts are left", async (attempts_left, told) => {
  answer = {
    status: 403,
    body: { error: { code: "wrong_code", message: "Ce code est faux.", attempts_left } },
  };
  await show(true);
  await submit();
  expect(place.querySelector("[role=alert]")?.textContent).toBe(`Ce code est faux.${told}`);
});
