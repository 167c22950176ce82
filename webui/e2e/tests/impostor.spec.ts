import { expect, test } from "../harness/test.ts";

test("a browser whose certificate is not the one of its offer gets no picture and gives none", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const bob = await room.guest("Bob Martin");
  await bob.page.addInitScript(forgeFingerprint);
  await bob.follow(room.meeting.link);
  await bob.ask(room.code);
  await claire.accept(bob.name);
  await bob.accepted();
  await bob.join();
  await expect
    .poll(() => bob.page.evaluate(() => performance.getEntriesByName("forged-offer").length))
    .toBeGreaterThan(0);
  const anne = await room.guestInside(claire, "Anne Dubois");
  await expect(anne).toSee(claire);
  // Whoever came later sees and hears already; the forger does not.
  await expect(claire).not.toSee(bob);
  await expect(claire).not.toHear(bob);
  await expect(bob).not.toSee(claire);
  await expect(bob).not.toHear(claire);
});

/** In the page: each offer that leaves names the fingerprint of another certificate (RFC 8122 §5). */
function forgeFingerprint(): void {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    let frame = data;
    if (typeof data === "string" && data.includes("a=fingerprint:")) {
      // Each bit of its first byte is another one: whatever the certificate, the fingerprint is not its own.
      const other = (byte: string): string =>
        (Number.parseInt(byte, 16) ^ 0xff).toString(16).padStart(2, "0");
      frame = data.replaceAll(
        /(a=fingerprint:sha-256 )(..)/g,
        (_, name: string, byte: string) => `${name}${other(byte).toUpperCase()}`,
      );
      if (frame !== data) performance.mark("forged-offer");
    }
    send.call(this, frame);
  };
}
