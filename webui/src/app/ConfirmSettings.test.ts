import { expect, it } from "vitest";
import { readRight, writeRight } from "./ConfirmSettings";

it("brings the right to confirm from one address of the box to another", () => {
  const ticket = { change: 12, token: "AbC-_123" };
  expect(readRight(`#${writeRight(ticket, 1_700_000_000_000)}`)).toEqual({
    ...ticket,
    deadline: 1_700_000_000_000,
  });
  for (const wrong of ["", "#", "#12", "#12..3", "#x.abc.3", "#12.a b.3"])
    expect(readRight(wrong)).toBeNull();
});
