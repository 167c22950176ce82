import { expect, it } from "vitest";
import fr from "../i18n/portal.fr.json";
import { toDocument, toValues } from "./document";
import { SECTIONS } from "./fields";

const FULL = {
  office: { name: "Office", crpcen: "01234", domain: "visio.office.fr", number_prefix: "" },
  support: { name: "", phone: "04", email: "", hours: "" },
  brand: {
    service: "Visio",
    accent: "#1d3f72",
    logo: "",
    approval: "",
    terms: "Article 1\n\nTexte.",
    responsibility: "",
  },
  names: { public: "visio.office.fr", host: "tabellion" },
  network: {
    interface: "enp1s0",
    mode: "fixed",
    address: "192.168.10.5/24",
    gateway: "192.168.10.1",
    dns: ["192.168.10.1", "192.168.10.2"],
    room_systems: { vlan: 20, mode: "dhcp" },
  },
  time: { zone: "Europe/Paris", ntp: [] },
  mail: {
    host: "smtp.office.fr",
    security: "starttls",
    port: 587,
    login: "visio",
    password: "",
    sender: "visio@office.fr",
    authority: "",
  },
  sms: {
    kind: "http",
    url: "https://api.exemple.fr/v1/sms",
    method: "post",
    headers: "X-Api-Key: {secret}",
    format: "json",
    body: '{"to": "{number}", "message": "{text}"}',
    secret: "",
    accepted: "",
    authority: "",
  },
  turn: { uris: ["turn:turn.office.fr:3478", "turns:turn.office.fr:443?transport=tcp"], secret: "" },
  directory: {
    url: "ldaps://annuaire.exemple.fr",
    base: "dc=exemple,dc=fr",
    filter: "(objectClass=person)",
    bind_dn: "cn=visio",
    password: "",
    authority: "",
    hours: 6,
    attributes: ["crpcen=departmentNumber", "office=o"],
  },
  certificate: {
    kind: "acme",
    directory: "https://acme.test/",
    contact: "a@office.fr",
    authority: "",
    dns_provider: "rfc2136",
    rfc2136: { server: "192.168.10.1", key_name: "visio", key_secret: "" },
  },
  access: {
    networks: ["192.168.10.0/24", "fd00::/8"],
    proxies: ["192.168.10.2"],
    idle_minutes: 30,
    session_hours: 12,
  },
  ports: { https: 443, guests: 8444, sip: 5060, sips: 5061, media: 7000, rtp_from: 20000, rtp_to: 20799 },
  updates: {
    source: "https://maj.exemple.fr/tabellion",
    channel: "stable",
    mode: "on_request",
    days: ["saturday", "sunday"],
    from: "02:00",
    to: "05:00",
  },
  retention: { calls: 365, meetings: 365, messages: 90, journal: 1095 },
  billing: { email: "facturation@exemple.fr" },
};

it("sends back what it was shown", () => {
  expect(toDocument(toValues(FULL))).toEqual(FULL);
});

it("sends nothing of what is not shown", () => {
  const values = {
    ...toValues(FULL),
    "network.mode": "dhcp",
    mail: "",
    turn: "",
    directory: "",
    "certificate.kind": "own",
  };
  const document = toDocument({ ...values, "network.room_systems": "" });
  expect([document["mail"], document["turn"]]).toEqual([undefined, undefined]);
  expect(document["certificate"]).toEqual({ kind: "own" });
  expect(document["network"]).toEqual({
    interface: "enp1s0",
    mode: "dhcp",
    dns: ["192.168.10.1", "192.168.10.2"],
  });
});

it("takes lists however they are written, and leaves it to the box to judge a number", () => {
  const values = toValues(FULL);
  const written = toDocument({
    ...values,
    "network.dns": " 10.0.0.1;10.0.0.2\n10.0.0.3 ",
    "mail.port": "25a",
  });
  expect(written).toMatchObject({
    network: { dns: ["10.0.0.1", "10.0.0.2", "10.0.0.3"] },
    mail: { port: "25a" },
  });
});

it("has words for every section, field and choice", () => {
  const word = (path: string) =>
    path.split(".").reduce<unknown>((tree, name) => (tree as Record<string, unknown>)?.[name], fr.settings);
  for (const section of SECTIONS) {
    expect(word(`sections.${section.key.replace(".", "_")}`), section.key).toBeTypeOf("string");
    for (const { key, choices } of section.fields) {
      expect(word(`fields.${key}`), key).toBeTypeOf("string");
      for (const one of choices ?? []) expect(word(`choices.${one}`), one).toBeTypeOf("string");
    }
  }
});
