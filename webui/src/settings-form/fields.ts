/** What a text of the form is called: the key of `setup.toml`. A table that may be absent has its own key, "yes" or "". */
export type Values = Readonly<Record<string, string>>;

export interface Field {
  readonly key: string;
  /**
   * `list`: texts with commas between them; `card`: one of the box's network cards; `secret`: never shown, kept where it is
   * empty; `pem`: a text of many lines, also from a file.
   */
  readonly kind: "text" | "number" | "list" | "choice" | "card" | "secret" | "pem" | "secretPem";
  readonly choices?: readonly string[];
  /** Where it is not always there. One that is not shown is not sent. */
  readonly when?: (values: Values) => boolean;
}

export interface Section {
  readonly key: string;
  /** Of a table that may be absent: its fields are there once it is ticked. */
  readonly optional?: true;
  readonly fields: readonly Field[];
}

const text = (key: string): Field => ({ key, kind: "text" });
const number = (key: string): Field => ({ key, kind: "number" });
const choice = (key: string, ...choices: string[]): Field => ({ key, kind: "choice", choices });
const when = (key: string, value: string, ...fields: Field[]): Field[] =>
  fields.map((field) => ({
    ...field,
    when: (values) => values[key] === value && (field.when?.(values) ?? true),
  }));

const SECRET = "secret" as const;

/** Everything that the settings hold, in the order of the page. */
export const SECTIONS: readonly Section[] = [
  {
    key: "office",
    fields: ["name", "crpcen", "domain", "number_prefix"].map((name) => text(`office.${name}`)),
  },
  { key: "support", fields: ["name", "phone", "email", "hours"].map((name) => text(`support.${name}`)) },
  {
    key: "brand",
    fields: [
      text("brand.service"),
      text("brand.accent"),
      { key: "brand.logo", kind: "pem" },
      text("brand.approval"),
      { key: "brand.terms", kind: "pem" },
      { key: "brand.responsibility", kind: "pem" },
    ],
  },
  { key: "names", fields: [text("names.public"), text("names.host")] },
  {
    key: "network",
    fields: [
      { key: "network.interface", kind: "card" },
      choice("network.mode", "dhcp", "fixed"),
      ...when("network.mode", "fixed", text("network.address"), text("network.gateway")),
      { key: "network.dns", kind: "list" },
    ],
  },
  {
    key: "network.room_systems",
    optional: true,
    fields: [
      number("network.room_systems.vlan"),
      choice("network.room_systems.mode", "fixed", "dhcp"),
      ...when("network.room_systems.mode", "fixed", text("network.room_systems.address")),
    ],
  },
  { key: "time", fields: [text("time.zone"), { key: "time.ntp", kind: "list" }] },
  {
    key: "mail",
    optional: true,
    fields: [
      text("mail.host"),
      choice("mail.security", "starttls", "tls", "none"),
      number("mail.port"),
      text("mail.login"),
      { key: "mail.password", kind: SECRET },
      text("mail.sender"),
      { key: "mail.authority", kind: "pem" },
    ],
  },
  {
    key: "sms",
    optional: true,
    fields: [
      choice("sms.kind", "http", "modem"),
      ...when(
        "sms.kind",
        "http",
        text("sms.url"),
        choice("sms.method", "post", "get"),
        { key: "sms.headers", kind: "pem" },
        ...when("sms.method", "post", choice("sms.format", "json", "form"), { key: "sms.body", kind: "pem" }),
        { key: "sms.secret", kind: SECRET },
        text("sms.accepted"),
        { key: "sms.authority", kind: "pem" },
      ),
    ],
  },
  {
    key: "turn",
    optional: true,
    fields: [
      { key: "turn.uris", kind: "list" },
      { key: "turn.secret", kind: SECRET },
    ],
  },
  {
    key: "directory",
    optional: true,
    fields: [
      text("directory.url"),
      text("directory.base"),
      text("directory.filter"),
      text("directory.bind_dn"),
      { key: "directory.password", kind: SECRET },
      { key: "directory.authority", kind: "pem" },
      number("directory.hours"),
      { key: "directory.attributes", kind: "list" },
    ],
  },
  {
    key: "certificate",
    fields: [
      choice("certificate.kind", "own", "uploaded", "acme"),
      ...when(
        "certificate.kind",
        "uploaded",
        { key: "certificate.chain", kind: "pem" },
        { key: "certificate.key", kind: "secretPem" },
      ),
      ...when(
        "certificate.kind",
        "acme",
        text("certificate.directory"),
        text("certificate.contact"),
        { key: "certificate.authority", kind: "pem" },
        choice("certificate.dns_provider", "gandi", "ovh", "rfc2136"),
        ...when("certificate.dns_provider", "gandi", { key: "certificate.gandi.token", kind: SECRET }),
        ...when(
          "certificate.dns_provider",
          "ovh",
          { key: "certificate.ovh.application_key", kind: SECRET },
          { key: "certificate.ovh.application_secret", kind: SECRET },
          { key: "certificate.ovh.consumer_key", kind: SECRET },
        ),
        ...when(
          "certificate.dns_provider",
          "rfc2136",
          text("certificate.rfc2136.server"),
          text("certificate.rfc2136.key_name"),
          { key: "certificate.rfc2136.key_secret", kind: SECRET },
        ),
      ),
    ],
  },
  {
    key: "ports",
    fields: ["https", "guests", "sip", "sips", "media", "rtp_from", "rtp_to"].map((name) =>
      number(`ports.${name}`),
    ),
  },
  {
    key: "access",
    fields: [
      { key: "access.networks", kind: "list" },
      { key: "access.proxies", kind: "list" },
      number("access.idle_minutes"),
      number("access.session_hours"),
    ],
  },
  {
    key: "updates",
    fields: [
      text("updates.source"),
      text("updates.channel"),
      choice("updates.mode", "automatic", "on_request"),
      { key: "updates.days", kind: "list" },
      text("updates.from"),
      text("updates.to"),
    ],
  },
  {
    key: "retention",
    fields: ["calls", "meetings", "messages", "journal"].map((name) => number(`retention.${name}`)),
  },
  { key: "billing", fields: [text("billing.email")] },
];

/** Whether a section's fields are there. */
export function isOn(section: Section, values: Values): boolean {
  return !section.optional || values[section.key] === "yes";
}

/** The fields that are there now. */
export function shownFields(section: Section, values: Values): readonly Field[] {
  if (!isOn(section, values)) return [];
  return section.fields.filter((field) => field.when?.(values) ?? true);
}
