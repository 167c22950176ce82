import { ApiProblem, type ErrorView } from "../api/client";

/** Bytes of a piece: what a slow line carries within the box’s patience for one request. */
const PIECE = 1 << 20;

/**
 * Sends a file that is too long for one request, piece by piece.
 *
 * @param progress hears how many bytes the box has
 * @throws ApiProblem
 */
export async function sendInPieces(
  path: string,
  file: Blob,
  progress: (sent: number) => void,
): Promise<void> {
  let offset = 0;
  // An empty file is sent, too: the box says what it is not.
  do {
    const piece = file.slice(offset, offset + PIECE);
    await sendPiece(`${path}?offset=${offset}`, piece);
    offset += piece.size;
    progress(offset);
  } while (offset < file.size);
}

async function sendPiece(path: string, piece: Blob): Promise<void> {
  const headers = { "X-Tabellion": "1", "Content-Type": "application/octet-stream" };
  let answer: Response;
  try {
    answer = await fetch(path, { method: "PUT", headers, body: piece });
  } catch {
    throw new ApiProblem(0, null);
  }
  if (answer.ok) return;
  const body = (await answer.json().catch(() => null)) as { error?: ErrorView } | null;
  throw new ApiProblem(answer.status, body?.error ?? null);
}
