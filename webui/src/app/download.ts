import { ApiProblem, type ErrorView, loggedOut } from "../api/client";

/** A file, as it came, and what it is to be called. */
export interface NamedFile {
  readonly file: Blob;
  readonly name: string;
}

/** Asks the box for a file that it makes, and has the browser keep it. @throws ApiProblem */
export async function download(path: string, body: unknown): Promise<NamedFile> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "X-Tabellion": "1", "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new ApiProblem(0, null);
  }
  if (!answer.ok) {
    if (answer.status === 401) loggedOut();
    const told = (await answer.json().catch(() => null)) as { error?: ErrorView } | null;
    throw new ApiProblem(answer.status, told?.error ?? null);
  }
  const named = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1];
  const file = { file: await answer.blob(), name: named ?? "document" };
  keep(file);
  return file;
}

/** As if the file's link had been followed. */
function keep({ file, name }: NamedFile): void {
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
