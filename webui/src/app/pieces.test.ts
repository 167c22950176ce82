import { afterEach, expect, it, vi } from "vitest";
import { sendInPieces } from "./pieces";

const MIB = 1 << 20;

/** A box that answers so, one answer a piece, and what it was sent. */
function box(...answers: (() => Response)[]): { sent: string[] } {
  const sent: string[] = [];
  vi.stubGlobal("fetch", async (path: string, request: { body: Blob }) => {
    sent.push(`${path} ${request.body.size}`);
    return (answers.shift() ?? (() => new Response("{}")))();
  });
  return { sent };
}

afterEach(() => vi.unstubAllGlobals());

it("sends a long file in pieces that follow each other, and says how far it is", async () => {
  const { sent } = box();
  const told: number[] = [];
  await sendInPieces("/f", new Blob([new Uint8Array(2 * MIB + 5)]), (bytes) => told.push(bytes));
  expect(sent).toEqual([`/f?offset=0 ${MIB}`, `/f?offset=${MIB} ${MIB}`, `/f?offset=${2 * MIB} 5`]);
  expect(told).toEqual([MIB, 2 * MIB, 2 * MIB + 5]);
});

it("stops at the first refusal, with the box’s own words", async () => {
  const body = JSON.stringify({ error: { code: "no_room", message: "Pas de place." } });
  const { sent } = box(
    () => new Response("{}"),
    () => new Response(body, { status: 507 }),
  );
  const sending = sendInPieces("/f", new Blob([new Uint8Array(3 * MIB)]), () => undefined);
  await expect(sending).rejects.toMatchObject({ status: 507, message: "Pas de place." });
  expect(sent).toHaveLength(2);
});

it("sends an empty file, which the box tells what it is not", async () => {
  const { sent } = box();
  await sendInPieces("/f", new Blob([]), () => undefined);
  expect(sent).toEqual(["/f?offset=0 0"]);
});
