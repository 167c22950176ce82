// @vitest-environment jsdom
import { act, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startI18n } from "../../i18n";
import en from "../../i18n/home.en.json";
import fr from "../../i18n/home.fr.json";
import type { Summary } from "../scheduled/scheduled";
import { Calendar } from "./Calendar";
import { countsOf } from "./scheduled";

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
});

function meeting(id: number, date: string): Summary {
  return {
    id,
    date,
    time: "16h00",
    name: "test 1",
    organizer: "Claire Moreau",
    state: "sent",
    version: 1,
    address: "1099053524@visio.test",
    participants: 2,
  };
}

/** A page with the calendar of January 2025, and meetings on the 27th and the 30th. */
function Page() {
  const [day, setDay] = useState("2025-01-23");
  const meetings = [meeting(1, "2025-01-30"), meeting(2, "2025-01-30"), meeting(3, "2025-01-27")];
  return (
    <>
      <Calendar
        title="Calendrier"
        today="2025-01-23"
        selected={day}
        meetings={countsOf(meetings)}
        onSelect={setDay}
      />
      <output>{day}</output>
    </>
  );
}

const day = (label: string): HTMLElement =>
  place.querySelector<HTMLElement>(`button[aria-label^="${label}"]`) as HTMLElement;
const chosen = () => place.querySelector("output")?.textContent;
const press = (key: string) =>
  act(() => document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })));

it("is a French month with its neighbours’ days, and marks the days that have meetings", () => {
  act(() => root.render(<Page />));
  expect([...place.querySelectorAll("th")].map((one) => one.textContent)).toEqual([
    "lun.",
    "mar.",
    "mer.",
    "jeu.",
    "ven.",
    "sam.",
    "dim.",
  ]);
  expect(place.querySelector("h2")?.textContent).toBe("23 janvier 2025");
  expect(place.querySelectorAll("td")).toHaveLength(42);
  expect(day("lundi 30 décembre 2024").textContent).toBe("30");
  const busy = [...place.querySelectorAll("td button")].filter((one) =>
    /réunion/.test(one.getAttribute("aria-label") ?? ""),
  );
  expect(busy.map((one) => one.getAttribute("aria-label"))).toEqual([
    "lundi 27 janvier 2025, 1 réunion",
    "jeudi 30 janvier 2025, 2 réunions",
  ]);
  const plain = day("mardi 28").className;
  expect(busy.every((one) => one.className !== plain)).toBe(true);
});

it("selects the day that is clicked at, and says which day it is today", () => {
  act(() => root.render(<Page />));
  act(() => day("jeudi 30 janvier").click());
  expect(chosen()).toBe("2025-01-30");
  expect(day("jeudi 30 janvier").closest("td")?.getAttribute("aria-selected")).toBe("true");
  expect(place.querySelector("[aria-current=date]")).toBe(day("jeudi 23 janvier"));
});

it("is used by keyboard, beyond the month’s end too, with one stop of the tabulator", () => {
  act(() => root.render(<Page />));
  expect([...place.querySelectorAll<HTMLElement>("td button")].filter((one) => one.tabIndex === 0)).toEqual([
    day("jeudi 23 janvier"),
  ]);
  act(() => day("jeudi 23 janvier").focus());
  press("ArrowDown");
  press("ArrowDown");
  expect([chosen(), document.activeElement]).toEqual(["2025-02-06", day("jeudi 6 février")]);
  press("PageUp");
  press("Home");
  expect([chosen(), document.activeElement]).toEqual(["2025-01-06", day("lundi 6 janvier")]);
  press("a");
  expect(chosen()).toBe("2025-01-06");
});
