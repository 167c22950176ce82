import { SECTIONS, shownFields, type Values } from "./fields";

/** The tables and keys of `setup.toml`. */
export type SettingsDocument = Record<string, unknown>;

/** What the fields show for a document. */
export function toValues(document: SettingsDocument): Values {
  const values: Record<string, string> = {};
  for (const section of SECTIONS) {
    if (section.optional) values[section.key] = at(document, section.key) === undefined ? "" : "yes";
    for (const field of section.fields) {
      const value = at(document, field.key);
      if (Array.isArray(value)) values[field.key] = value.join(", ");
      else if (value !== undefined && value !== null) values[field.key] = String(value);
      // A choice always shows one.
      else values[field.key] = field.choices?.[0] ?? "";
    }
  }
  return values;
}

/** What is sent for the fields that are shown. */
export function toDocument(values: Values): SettingsDocument {
  const document: SettingsDocument = {};
  for (const section of SECTIONS) {
    for (const { key, kind } of shownFields(section, values)) {
      const text = values[key] ?? "";
      if (kind === "list") put(document, key, text.split(/[\s,;]+/).filter(Boolean));
      else if (kind === "number") put(document, key, /^\d+$/.test(text.trim()) ? Number(text) : text.trim());
      else put(document, key, text);
    }
  }
  return document;
}

function at(document: SettingsDocument, key: string): unknown {
  let place: unknown = document;
  for (const name of key.split(".")) {
    if (typeof place !== "object" || place === null) return undefined;
    place = (place as Record<string, unknown>)[name];
  }
  return place;
}

function put(document: SettingsDocument, key: string, value: unknown): void {
  const names = key.split(".");
  const last = names.pop() ?? key;
  let place = document;
  for (const name of names) {
    place[name] ??= {};
    place = place[name] as SettingsDocument;
  }
  place[last] = value;
}
