import { describe, expect, it, vi } from "vitest";
import { follow, type Seen, target } from "./follow";

/** A box that shows one thing after another, and then the last for ever. */
function box(...shown: Seen[]) {
  const look = async () => (shown.length > 1 ? shown.shift() : shown[0]) as Seen;
  return { look, pause: async () => {} };
}

describe("following the box", () => {
  it("ends where the espace client is served", async () => {
    expect(await follow(box("done", "away", "away", "gone"), 5)).toBe("ready");
  });

  it("gives up where the browser does not know the new certificate", async () => {
    expect(await follow(box("done", "away"), 5)).toBe("perhaps");
  });

  it("confirms from the new address until the box is set up", async () => {
    const confirm = vi.fn(async () => true);
    const confirmed = box("to_confirm", "to_confirm", "done", "gone");
    expect(await follow({ ...confirmed, confirm }, 5)).toBe("ready");
    expect(confirm).toHaveBeenCalledTimes(2);
  });

  it("tells of settings that were undone, and of a code that has changed", async () => {
    expect(await follow(box("to_confirm", "away", "to_set_up"), 5)).toBe("undone");
    expect(await follow({ ...box("to_confirm"), confirm: async () => false }, 5)).toBe("lost");
  });
});

describe("the box’s address", () => {
  it.each([
    [{ address: null, port: 443 }, "https://192.168.1.20"],
    [{ address: "192.168.10.5", port: 8443 }, "https://192.168.10.5:8443"],
    [{ address: "2001:db8::5", port: 443 }, "https://[2001:db8::5]"],
  ])("of %o is %s", (outcome, expected) => {
    expect(target(outcome, { hostname: "192.168.1.20" })).toBe(expected);
  });
});
