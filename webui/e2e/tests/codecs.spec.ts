import { codecs } from "../harness/connections.ts";
import { expect, test } from "../harness/test.ts";

// Each of these waits for a Firefox with a new profile.
test.describe.configure({ timeout: 150_000 });

/** Of the pictures that come and go now, by the browser's own statistics. */
const pictures = async (page: Parameters<typeof codecs>[0]) =>
  (await codecs(page)).filter((one) => one.includes(" video/"));

test("a Firefox without H.264 sees everybody and is seen, and all go back to H.264 when it leaves", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire);
  await expect(claire).toSee(bob);
  const anne = await room.firefoxInside(claire);
  const everybody = [claire, bob, anne];
  for (const one of everybody)
    for (const other of everybody.filter((other) => other !== one)) {
      await expect(one).toSee(other);
      if (one !== anne) await expect(one).toHear(other);
    }
  expect(await pictures(anne.page)).toEqual(["inbound video/VP8", "outbound video/VP8"]);
  expect(await pictures(bob.page)).toEqual(["inbound video/VP8", "outbound video/VP8"]);
  await anne.hangUp();
  await expect(claire).toSee(bob);
  await expect
    .poll(() => pictures(bob.page))
    .toEqual(["inbound video/H264", "inbound video/VP8", "outbound video/H264"]);
  await expect(claire).toSee(bob);
  await expect(bob).toSee(claire);
});

test("a Firefox without H.264 and a room system see each other", async ({ room }) => {
  const claire = await room.organizerInside();
  const system = await room.roomSystemInside(claire);
  await expect(claire).toSee(system);
  const anne = await room.firefoxInside(claire);
  await expect(anne).toSee(system);
  await expect(system).toSee(anne);
  expect(await pictures(anne.page)).toEqual(["inbound video/VP8", "outbound video/VP8"]);
  // As it is, for who takes it.
  await expect(claire).toSee(system);
  expect(await pictures(claire.page)).toContain("inbound video/H264");
});

/** In the page, before its own scripts: a browser that knows no codec of an encoding. */
function forgetCodecs(): void {
  const set = RTCRtpSender.prototype.setParameters;
  RTCRtpSender.prototype.setParameters = function (parameters, ...others) {
    const encodings = parameters.encodings.map((encoding) => {
      const { codec: _, ...known } = encoding as RTCRtpEncodingParameters & { codec?: unknown };
      return known;
    });
    return set.call(this, Object.assign(parameters, { encodings }), ...others);
  };
}

test("a browser that cannot change over by itself is offered anew", async ({ room }) => {
  const claire = await room.organizerInside();
  const bob = await room.guest();
  await bob.page.addInitScript(forgetCodecs);
  await room.letIn(bob, claire);
  await expect(claire).toSee(bob);
  const anne = await room.firefoxInside(claire);
  await expect(anne).toSee(bob);
  await expect(claire).toSee(bob);
  expect(await pictures(bob.page)).toContain("outbound video/VP8");
  await anne.hangUp();
  await expect.poll(() => pictures(bob.page)).toContain("outbound video/H264");
  await expect(claire).toSee(bob);
});
