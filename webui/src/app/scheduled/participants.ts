import type { Participant, ParticipantFields } from "./scheduled";

export type Role = "organizer" | "guest" | "spectator";

/** A row of the participants’ table, as it is typed. */
export interface Row {
  /** In this page. */
  readonly key: string;
  /** In the box; none: it is not there yet. */
  readonly id: number | null;
  readonly civility: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly send: boolean;
}

export type Entry = Omit<Row, "key" | "id">;

export const EMPTY: Entry = { civility: "", name: "", email: "", role: "guest", send: true };

/** What is wrong with a row, by field. */
export type Faults = Readonly<Record<string, string>>;

let drawn = 0;

export function rowOf(entry: Entry, id: number | null = null): Row {
  drawn += 1;
  return { ...entry, id, key: id === null ? `new-${drawn}` : `${id}` };
}

export function rowsOf(participants: readonly Participant[]): Row[] {
  return participants.map(({ id, civility, name, email, role, send }) =>
    rowOf({ civility, name, email, role, send }, id),
  );
}

export function fieldsOf({ id, civility, name, email, role, send }: Row): ParticipantFields {
  return { id, civility, name, email, role, send };
}

/** By name, as French sorts. */
export function sorted(rows: readonly Row[], down: boolean): Row[] {
  const collator = new Intl.Collator("fr", { numeric: true });
  const sign = down ? -1 : 1;
  return [...rows].sort((one, other) => sign * collator.compare(one.name, other.name));
}

/** What would be refused anyway, told at once; the box looks at all of it again. @returns the field and the text’s key */
export function missing(entry: Entry, others: readonly Entry[]): ["name" | "email", string] | null {
  if (entry.name.trim() === "") return ["name", "scheduled.faults.empty"];
  if (!/^\S+@\S+\.\S+$/.test(entry.email.trim())) return ["email", "scheduled.faults.email"];
  const twice = others.some((other) => identity(other) === identity(entry));
  return twice ? ["email", "scheduled.faults.twice"] : null;
}

/** A couple has one address and two names. */
function identity({ name, email }: Pick<Entry, "name" | "email">): string {
  const plain = name.trim().normalize("NFD").replace(/\p{M}/gu, "");
  return `${email.trim()} ${plain}`.toLowerCase();
}

/** Those of `people` who are not in the table already. */
export function absent<T extends Pick<Entry, "name" | "email">>(
  people: readonly T[],
  rows: readonly Row[],
): T[] {
  const there = new Set(rows.map(identity));
  return people.filter((one) => !there.has(identity(one)));
}

function same(one: Entry, other: Entry): boolean {
  return (["civility", "name", "email", "role", "send"] as const).every((key) => one[key] === other[key]);
}

/**
 * What was typed here, on the table that another has made of it meanwhile: who was added, changed and removed here stays so, all
 * else is as it is now.
 *
 * @param base what was looked at
 */
export function rebased(typed: readonly Row[], base: readonly Row[], now: readonly Row[]): Row[] {
  const before = new Map(base.map((row) => [row.key, row]));
  const mine = new Map(typed.map((row) => [row.key, row]));
  const kept = now.flatMap((row) => {
    const was = before.get(row.key);
    const is = mine.get(row.key);
    if (!was) return [row];
    if (!is) return [];
    return same(was, is) ? [row] : [is];
  });
  return [...kept, ...typed.filter(({ id }) => id === null)];
}

/** The faults of a refusal, by the row’s key. @param sent the rows in the order in which they were sent */
export function faultsByRow(error: unknown, sent: readonly Row[]): ReadonlyMap<string, Faults> {
  const faults = (error as { faults?: { row: number; field: string; message: string }[] } | null)?.faults;
  const found = new Map<string, Record<string, string>>();
  for (const { row, field, message } of faults ?? []) {
    const key = sent[row]?.key;
    if (key !== undefined) found.set(key, { ...found.get(key), [field]: message });
  }
  return found;
}
