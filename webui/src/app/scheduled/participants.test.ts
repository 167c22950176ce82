import { expect, it } from "vitest";
import { absent, EMPTY, faultsByRow, missing, rebased, rowOf, sorted } from "./participants";

const anne = rowOf({ ...EMPTY, name: "Anne Roy", email: "anne@client.fr" }, 1);
const bob = rowOf({ ...EMPTY, name: "Bob Roy", email: "bob@client.fr" }, 2);
const elise = rowOf({ ...EMPTY, name: "Élise Roy", email: "elise@client.fr" }, 3);

it("sorts by name as French does, up and down", () => {
  const names = (down: boolean) => sorted([elise, bob, anne], down).map(({ name }) => name);
  expect(names(false)).toEqual(["Anne Roy", "Bob Roy", "Élise Roy"]);
  expect(names(true)).toEqual(["Élise Roy", "Bob Roy", "Anne Roy"]);
});

it("tells who is there twice, and takes a couple with one address", () => {
  expect(missing({ ...EMPTY, name: "  ", email: "a@b.fr" }, [])?.[0]).toBe("name");
  expect(missing({ ...EMPTY, name: "Anne", email: "anne" }, [])?.[0]).toBe("email");
  expect(missing({ ...EMPTY, name: "elise roy", email: "ELISE@client.fr" }, [elise])?.[1]).toMatch(/twice/);
  expect(missing({ ...EMPTY, name: "Marc Roy", email: "elise@client.fr" }, [elise])).toBeNull();
});

it("proposes those alone who are not in the table", () => {
  const people = [
    { name: "ANNE ROY", email: "Anne@client.fr" },
    { name: "Diane", email: "diane@client.fr" },
  ];
  expect(absent(people, [anne]).map(({ name }) => name)).toEqual(["Diane"]);
});

it("loses nothing of what two people do to one table", () => {
  const base = [anne, bob, elise];
  const added = rowOf({ ...EMPTY, name: "Félix", email: "felix@client.fr" });
  const theirs = rowOf({ ...EMPTY, name: "Gaël", email: "gael@client.fr" }, 4);
  const typed = [{ ...anne, role: "spectator" }, elise, added];
  const now = [anne, bob, { ...elise, role: "organizer" }, theirs];
  expect(rebased(typed, base, now)).toEqual([
    { ...anne, role: "spectator" },
    { ...elise, role: "organizer" },
    theirs,
    added,
  ]);
});

it("finds the row that a fault is about", () => {
  const error = { faults: [{ row: 1, field: "email", message: "non" }] };
  expect(faultsByRow(error, [anne, bob]).get(bob.key)).toEqual({ email: "non" });
  expect(faultsByRow(null, [anne]).size).toBe(0);
});
