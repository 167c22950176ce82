import { expect, it } from "vitest";
import { EMPTY, rebased } from "./userForm";

it("keeps what was typed here, and what another has changed elsewhere", () => {
  const base = { ...EMPTY, last_name: "Petit", first_name: "Julien", telework: false };
  const typed = { ...base, telework: true, first_name: "Jules" };
  const now = { ...base, last_name: "Petit-Martin", first_name: "Julian" };
  expect(rebased(typed, base, now)).toEqual({ ...now, telework: true, first_name: "Jules" });
  expect(rebased(base, base, now)).toEqual(now);
});
