import { type ChildProcess, execFile, type SpawnOptions, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs a program to its end. Its error output is the error's message. */
export async function runToEnd(program: string, ...parameters: string[]): Promise<Buffer> {
  const { stdout } = await execute(program, parameters, { encoding: "buffer", maxBuffer: 64 << 20 });
  return stdout;
}

/** Starts a program that stays; both outputs go to a log file. */
export function start(
  program: string,
  parameters: string[],
  log: string,
  options: SpawnOptions = {},
): ChildProcess {
  const child = spawn(program, parameters, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const file = createWriteStream(log, { flags: "a" });
  child.stdout?.pipe(file, { end: false });
  child.stderr?.pipe(file, { end: false });
  child.once("close", () => file.end());
  return child;
}

/** Asks a program to end, insists after `patience` ms, and returns when it is gone. */
export async function stop(child: ChildProcess, patience = 8000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((done) => child.once("exit", () => done()));
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), patience);
  await gone;
  clearTimeout(insist);
}
