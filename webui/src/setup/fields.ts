/** What the set-up page asks, by the keys of `setup.toml`. The box says what is wrong; nothing is judged here. */

/** What was typed, by key; toggles are "yes" or "". */
export type Values = Readonly<Record<string, string>>;

export type Kind = "text" | "password" | "number" | "list" | "pem" | "choice" | "toggle" | "cards";

export interface Field {
  readonly key: string;
  readonly kind: Kind;
  readonly required?: true;
  readonly hint?: true;
  readonly autoComplete?: string;
  /** Of a choice: what is stored, and its word in the catalogue; a word without a text stands for itself. */
  readonly options?: readonly (readonly [value: string, word: string])[];
  /** Whether it is asked, and sent. */
  readonly when?: (values: Values) => boolean;
}

export interface Section {
  readonly name: string;
  readonly optional?: true;
  readonly fields: readonly Field[];
}

const MODES = [
  ["dhcp", "mode.dhcp"],
  ["fixed", "mode.fixed"],
] as const;

const ZONES = [
  ["Europe/Paris", "zone.paris"],
  ["America/Guadeloupe", "zone.guadeloupe"],
  ["America/Martinique", "zone.martinique"],
  ["America/Cayenne", "zone.cayenne"],
  ["Indian/Reunion", "zone.reunion"],
  ["Indian/Mayotte", "zone.mayotte"],
  ["America/Miquelon", "zone.miquelon"],
  ["Pacific/Noumea", "zone.noumea"],
  ["Pacific/Tahiti", "zone.tahiti"],
  ["Pacific/Wallis", "zone.wallis"],
] as const;

const fixed = (values: Values) => values["network.mode"] === "fixed";
const withRooms = (values: Values) => values["network.room_systems"] === "yes";
const fixedInRooms = (values: Values) => withRooms(values) && values["network.room_systems.mode"] === "fixed";
const withRelay = (values: Values) => values.mail === "yes";
const withTurn = (values: Values) => values.turn === "yes";
const uploaded = (values: Values) => values["certificate.kind"] === "uploaded";
const acme = (values: Values) => values["certificate.kind"] === "acme";
const publishedBy = (provider: string) => (values: Values) =>
  acme(values) && values["certificate.dns_provider"] === provider;
const secret = (key: string, provider: string): Field => ({
  key,
  kind: "password",
  required: true,
  autoComplete: "off",
  when: publishedBy(provider),
});

/** The first option of a choice is the box's own default. */
export const SECTIONS: readonly Section[] = [
  {
    name: "office",
    fields: [
      { key: "office.name", kind: "text", required: true, autoComplete: "organization" },
      { key: "office.crpcen", kind: "text", required: true, hint: true },
      { key: "office.domain", kind: "text", required: true, hint: true },
      { key: "office.number_prefix", kind: "text", hint: true },
    ],
  },
  {
    name: "administrator",
    fields: [
      {
        key: "administrator.civility",
        kind: "choice",
        options: [
          ["", "civility.none"],
          ["Madame", "Madame"],
          ["Monsieur", "Monsieur"],
          ["Maître", "Maître"],
        ],
      },
      { key: "administrator.first_name", kind: "text", required: true, autoComplete: "given-name" },
      { key: "administrator.last_name", kind: "text", required: true, autoComplete: "family-name" },
      { key: "administrator.login", kind: "text", required: true, hint: true, autoComplete: "username" },
      { key: "administrator.email", kind: "text", required: true, autoComplete: "email" },
      { key: "administrator.mobile", kind: "text", required: true, hint: true, autoComplete: "tel" },
      {
        key: "administrator.password",
        kind: "password",
        required: true,
        hint: true,
        autoComplete: "new-password",
      },
      {
        key: "administrator.password_again",
        kind: "password",
        required: true,
        autoComplete: "new-password",
      },
    ],
  },
  {
    name: "network",
    fields: [
      { key: "network.interface", kind: "cards" },
      { key: "network.mode", kind: "choice", options: MODES },
      { key: "network.address", kind: "text", required: true, hint: true, when: fixed },
      { key: "network.gateway", kind: "text", hint: true, when: fixed },
      { key: "network.dns", kind: "list", hint: true },
      { key: "network.room_systems", kind: "toggle" },
      { key: "network.room_systems.vlan", kind: "number", required: true, hint: true, when: withRooms },
      { key: "network.room_systems.mode", kind: "choice", options: MODES, when: withRooms },
      { key: "network.room_systems.address", kind: "text", required: true, hint: true, when: fixedInRooms },
    ],
  },
  {
    name: "names",
    optional: true,
    fields: [
      { key: "names.host", kind: "text", hint: true },
      { key: "names.public", kind: "text", hint: true },
    ],
  },
  {
    name: "time",
    fields: [
      { key: "time.zone", kind: "choice", options: ZONES },
      { key: "time.ntp", kind: "list", hint: true },
    ],
  },
  {
    name: "mail",
    optional: true,
    fields: [
      { key: "mail", kind: "toggle" },
      { key: "mail.host", kind: "text", required: true, when: withRelay },
      {
        key: "mail.security",
        kind: "choice",
        options: [
          ["starttls", "security.starttls"],
          ["tls", "security.tls"],
          ["none", "security.none"],
        ],
        when: withRelay,
      },
      { key: "mail.port", kind: "number", hint: true, when: withRelay },
      { key: "mail.login", kind: "text", when: withRelay },
      { key: "mail.password", kind: "password", autoComplete: "off", when: withRelay },
      { key: "mail.sender", kind: "text", required: true, hint: true, when: withRelay },
      { key: "mail.authority", kind: "pem", when: withRelay },
    ],
  },
  {
    name: "turn",
    optional: true,
    fields: [
      { key: "turn", kind: "toggle" },
      { key: "turn.uris", kind: "list", required: true, hint: true, when: withTurn },
      {
        key: "turn.secret",
        kind: "password",
        required: true,
        hint: true,
        autoComplete: "off",
        when: withTurn,
      },
    ],
  },
  {
    name: "certificate",
    fields: [
      {
        key: "certificate.kind",
        kind: "choice",
        options: [
          ["own", "kind.own"],
          ["uploaded", "kind.uploaded"],
          ["acme", "kind.acme"],
        ],
      },
      { key: "certificate.chain", kind: "pem", required: true, hint: true, when: uploaded },
      { key: "certificate.key", kind: "pem", required: true, hint: true, when: uploaded },
      { key: "certificate.directory", kind: "text", required: true, hint: true, when: acme },
      { key: "certificate.contact", kind: "text", required: true, hint: true, when: acme },
      { key: "certificate.authority", kind: "pem", when: acme },
      {
        key: "certificate.dns_provider",
        kind: "choice",
        options: [
          ["", "dns.choose"],
          ["gandi", "Gandi"],
          ["ovh", "OVHcloud"],
          ["rfc2136", "dns.rfc2136"],
        ],
        when: acme,
      },
      secret("certificate.gandi.token", "gandi"),
      secret("certificate.ovh.application_key", "ovh"),
      secret("certificate.ovh.application_secret", "ovh"),
      secret("certificate.ovh.consumer_key", "ovh"),
      { key: "certificate.rfc2136.server", kind: "text", required: true, when: publishedBy("rfc2136") },
      { key: "certificate.rfc2136.key_name", kind: "text", required: true, when: publishedBy("rfc2136") },
      secret("certificate.rfc2136.key_secret", "rfc2136"),
    ],
  },
  {
    name: "support",
    optional: true,
    fields: [
      { key: "support.name", kind: "text" },
      { key: "support.phone", kind: "text" },
      { key: "support.email", kind: "text" },
      { key: "support.hours", kind: "text" },
    ],
  },
  {
    name: "access",
    optional: true,
    fields: [
      { key: "access.networks", kind: "list", hint: true },
      { key: "access.proxies", kind: "list", hint: true },
      { key: "access.idle_minutes", kind: "number", hint: true },
      { key: "access.session_hours", kind: "number", hint: true },
    ],
  },
  {
    name: "ports",
    optional: true,
    fields: [
      { key: "ports.https", kind: "number", hint: true },
      { key: "ports.guests", kind: "number", hint: true },
      { key: "ports.sip", kind: "number" },
      { key: "ports.sips", kind: "number" },
      { key: "ports.media", kind: "number" },
      { key: "ports.rtp_from", kind: "number" },
      { key: "ports.rtp_to", kind: "number" },
    ],
  },
];

/** Asked twice because nobody sees it; the box needs it once. */
export const AGAIN = "administrator.password_again";

export type Document = { [key: string]: Document | string | number | string[] };

/** The document that the box understands: `setup.toml` as JSON, of what is asked and was filled in. */
export function toDocument(values: Values): Document {
  const document: Document = {};
  const asked = SECTIONS.flatMap((section) => section.fields).filter((field) => field.when?.(values) ?? true);
  for (const { key, kind } of asked) {
    const value = values[key]?.trim() ?? "";
    if (value === "" || key === AGAIN) continue;
    put(document, key.split("."), read(kind, kind === "password" ? (values[key] ?? "") : value));
  }
  return document;
}

function read(kind: Kind, value: string): Document | string | number | string[] {
  if (kind === "toggle") return {};
  // What is no number is sent as it is: the box says so beside its field.
  if (kind === "number") return /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (kind === "list") return value.split(/[\s,;]+/).filter(Boolean);
  return value;
}

function put(document: Document, [first = "", ...rest]: string[], value: Document[string]): void {
  if (rest.length === 0) {
    document[first] = value;
    return;
  }
  const inner = document[first];
  const table = typeof inner === "object" && !Array.isArray(inner) ? inner : {};
  document[first] = table;
  put(table, rest, value);
}

const SECRET = new Set<Kind>(["password", "pem"]);

/** What may be kept in the browser while the box changes its address: no secret. */
export function withoutSecrets(values: Values): Values {
  const secret = SECTIONS.flatMap((section) => section.fields).filter((field) => SECRET.has(field.kind));
  const keys = new Set(secret.map((field) => field.key));
  return Object.fromEntries(Object.entries(values).filter(([key]) => !keys.has(key)));
}
