/** Runs a program of the user's machine, such as pip, and ends it when the set-up is interrupted. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cannot, YfError } from "../errors.ts";

export interface ProgramOptions {
  readonly signal: AbortSignal;
  /** What is being done, for the error: "set up CUDA". */
  readonly action: string;
  /** Why the program is run, for the error; by default that it must succeed. */
  readonly rule?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Sees every line of standard output. */
  onLine?(line: string): void;
}

/**
 * @returns Standard output.
 * @throws {YfError} SETUP_FAILED with the program's last line where it ends with an error or is not there at all.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { action, environment, onLine, rule = `${program} must succeed`, signal }: ProgramOptions,
): Promise<string> {
  const failed = (received: string, cause?: unknown) =>
    new YfError("SETUP_FAILED", cannot(action, rule, received), { program }, cause);
  if (signal.aborted) throw failed("an interrupt");
  // In a group of its own: Ctrl-C in a terminal reaches us alone, and we end the program with all that it started.
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    env: { ...process.env, ...environment },
  });
  const stop = () => {
    if (child.pid === undefined) return;
    if (process.platform === "win32") child.kill();
    else process.kill(-child.pid, "SIGTERM");
  };
  signal.addEventListener("abort", stop);
  let output = "";
  let line = "";
  let problem = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    const lines = (line + text).split("\n");
    line = lines.pop() as string;
    for (const complete of lines) onLine?.(complete);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    problem += text;
  });
  try {
    const [code, killedBy] = (await once(child, "close")) as [number | null, string | null];
    if (signal.aborted) throw failed("an interrupt");
    if (code !== 0) throw failed(lastLine(problem) ?? lastLine(output) ?? `exit ${killedBy ?? code}`);
    return output;
  } catch (error) {
    throw error instanceof YfError ? error : failed((error as Error).message, error);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function lastLine(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .findLast((line) => line !== "");
}
