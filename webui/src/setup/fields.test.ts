import { describe, expect, it } from "vitest";
import fr from "../i18n/setup.fr.json";
import { SECTIONS, toDocument, withoutSecrets } from "./fields";

describe("the set-up document", () => {
  it("has what was filled in, in its kind", () => {
    expect(
      toDocument({
        "office.name": " Office ",
        "office.number_prefix": "",
        "administrator.password": " deux espaces ",
        "administrator.password_again": " deux espaces ",
        "network.mode": "fixed",
        "network.address": "192.168.10.5/24",
        "network.dns": "192.168.10.1, 192.168.10.2",
        "network.room_systems": "yes",
        "network.room_systems.vlan": "20",
      }),
    ).toEqual({
      office: { name: "Office" },
      administrator: { password: " deux espaces " },
      network: {
        mode: "fixed",
        address: "192.168.10.5/24",
        dns: ["192.168.10.1", "192.168.10.2"],
        room_systems: { vlan: 20 },
      },
    });
  });

  it("lacks what is not asked any more", () => {
    const values = {
      "network.mode": "dhcp",
      "network.address": "192.168.10.5/24",
      mail: "",
      "mail.host": "smtp",
    };
    expect(toDocument(values)).toEqual({ network: { mode: "dhcp" } });
  });

  it("has a table that was asked for and left empty, so that the box says what is missing", () => {
    expect(toDocument({ mail: "yes", "mail.port": "abc" })).toEqual({ mail: { port: "abc" } });
  });

  it("has what the chosen DNS provider asks, and nothing of the others", () => {
    const values = {
      "certificate.kind": "acme",
      "certificate.directory": "https://acme.test/",
      "certificate.dns_provider": "gandi",
      "certificate.gandi.token": "g",
      "certificate.ovh.application_key": "o",
    };
    const shared = { kind: "acme", directory: "https://acme.test/" };
    expect(toDocument(values)).toEqual({
      certificate: { ...shared, dns_provider: "gandi", gandi: { token: "g" } },
    });
    expect(toDocument({ ...values, "certificate.dns_provider": "ovh" })).toEqual({
      certificate: { ...shared, dns_provider: "ovh", ovh: { application_key: "o" } },
    });
  });

  it("leaves no secret in the browser", () => {
    const kept = withoutSecrets({
      "administrator.password": "s3cret",
      "certificate.key": "k",
      "names.host": "h",
    });
    expect(kept).toEqual({ "names.host": "h" });
  });

  it("has words for every field", () => {
    const word = (path: string): unknown =>
      path.split(".").reduce<unknown>((tree, key) => (tree as Record<string, unknown>)?.[key], fr.setup);
    for (const { key, kind, hint, options } of SECTIONS.flatMap((section) => section.fields)) {
      expect(word(`field.${key}${kind === "toggle" ? ".used" : ""}`), key).toBeTypeOf("string");
      if (hint) expect(word(`hint.${key}`), key).toBeTypeOf("string");
      for (const [, name] of options ?? [])
        if (name.includes(".")) expect(word(`option.${name}`), name).toBeTypeOf("string");
    }
  });
});
