import { createSocket } from "node:dgram";
import { ADDRESS } from "../harness/box.ts";
import { DOMAIN, MEETING } from "../harness/demonstration.ts";
import { SAME_LETTERS } from "../harness/notice.ts";
import { RoomSystem, type Transport } from "../harness/room-system.ts";
import { expect, test } from "../harness/test.ts";

for (const transport of ["udp", "tcp", "tls"] satisfies Transport[]) {
  test(`a room system registers over ${transport}, dials a meeting, and is asked for its code`, async ({
    room,
  }) => {
    const system = await room.roomSystem({ transport });
    await system.dial(MEETING.number);
    await system.answered();
    await system.keepScreen("code");
    await expect.poll(() => system.likeness("enter-code")).toBeGreaterThan(SAME_LETTERS);
    await system.hangUp();
  });
}

test("[CALL-17] a colleague's equipment that the box does not know reaches the long number", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const colleague = await room.roomSystem({ device: undefined, label: "colleague", name: "visiteur" });
  await colleague.dial(room.meeting.number);
  await colleague.answered();
  await colleague.press(room.code);
  await claire.accept(colleague.name);
  await expect(colleague).toSee(claire);
  await expect(colleague).toHear(claire);
  await expect(claire).toSee(colleague);
  await expect(claire).toHear(colleague);
});

test("a number that does not exist is refused with 404", async ({ room }) => {
  for (const device of ["known", "stranger"] as const) {
    const system = await room.roomSystem({
      label: `404-${device}`,
      ...(device === "known" ? {} : { device: undefined }),
    });
    await system.dial("1099999999");
    expect(await system.ended(), device).toContain("404");
  }
});

test("an equipment with a wrong password is not registered", async ({ box }) => {
  const device = { user: "salle-1099000001", password: "falsch", domain: DOMAIN };
  const common = { box: ADDRESS, ca: box.authority, name: "x", label: "wrong-password" };
  await expect(RoomSystem.start({ ...common, device })).rejects.toThrow(/refused the registration/);
});

test("datagrams that are no SIP get no answer and do no harm", async ({ room }) => {
  const answers = await exchange(NONSENSE);
  expect(answers).toEqual([]);
  const [answer] = await exchange([options()], 1);
  expect(answer).toMatch(/^SIP\/2\.0 \d{3} /);
  const system = await room.roomSystem({ label: "after-nonsense" });
  await system.dial(MEETING.number);
  await system.answered();
});

const HEAD = "Via: SIP/2.0/UDP 10.77.0.2:5999;branch=z9hG4bK";

/** What scanners and broken equipment send. */
const NONSENSE: Buffer[] = [
  Buffer.alloc(0),
  Buffer.from("\0".repeat(1200)),
  Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
  Buffer.from("INVITE sip:1099053523@x SIP/2.0\r\n\r\n"),
  Buffer.from("INVITE"),
  Buffer.from(Array.from({ length: 1400 }, (_, index) => (index * 167 + 13) & 0xff)),
  Buffer.from(`INVITE sip:1099053523@x SIP/2.0\r\n${HEAD}1\r\nContent-Length: 99999999999999999999\r\n\r\n`),
  Buffer.from(`INVITE ${"sip:".repeat(300)} SIP/2.0\r\n${HEAD}2\r\n\r\n`),
  Buffer.from(`SIP/2.0 200 OK\r\n${HEAD}3\r\nCSeq: -1 \u0000\r\n\r\n`),
];

function options(): Buffer {
  const lines = [
    "OPTIONS sip:10.77.0.1 SIP/2.0",
    `${HEAD}options;rport`,
    "From: <sip:probe@10.77.0.2>;tag=1",
    "To: <sip:10.77.0.1>",
    "Call-ID: probe@10.77.0.2",
    "CSeq: 1 OPTIONS",
    "Max-Forwards: 70",
    "Content-Length: 0",
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

/** Sends datagrams to the box's SIP port; what comes back within a second, or until `enough` have come. */
async function exchange(datagrams: Buffer[], enough = Number.POSITIVE_INFINITY): Promise<string[]> {
  const socket = createSocket("udp4");
  const answers: string[] = [];
  await new Promise<void>((bound) => socket.bind(5999, "10.77.0.2", bound));
  for (const datagram of datagrams) socket.send(datagram, 5060, ADDRESS);
  await new Promise<void>((done) => {
    const end = setTimeout(done, 1000);
    socket.on("message", (message) => {
      answers.push(message.toString());
      if (answers.length < enough) return;
      clearTimeout(end);
      done();
    });
  });
  await new Promise<void>((closed) => socket.close(closed));
  return answers;
}
