import { ApiProblem, type ErrorView } from "../../api/client";

/** An attestation, as it came: the file, and what it is to be called. */
export interface Attestation {
  readonly file: Blob;
  readonly name: string;
}

/** Asks for an office’s attestation (CERT-01). @throws ApiProblem */
export async function attestation(crpcen: string): Promise<Attestation> {
  let answer: Response;
  try {
    answer = await fetch("/api/attestations", {
      method: "POST",
      headers: { "X-Tabellion": "1", "Content-Type": "application/json" },
      body: JSON.stringify({ crpcen }),
    });
  } catch {
    throw new ApiProblem(0, null);
  }
  if (!answer.ok) {
    const body = (await answer.json().catch(() => null)) as { error?: ErrorView } | null;
    throw new ApiProblem(answer.status, body?.error ?? null);
  }
  const named = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1];
  return { file: await answer.blob(), name: named ?? "attestation-visioconference.pdf" };
}

/** Has the browser keep a file, as if its link had been followed. */
export function keep({ file, name }: Attestation): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
