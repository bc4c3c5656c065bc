/** Runs the command: the built one as a user would, or what is behind it in the process of the test. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

/** The built command. */
export const mainFile = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * @param onStderr Sees all of standard error so far, whenever there is more, and may send a signal.
 * @param environment Variables beside the test's own.
 */
export async function runCli(
  args: readonly string[],
  onStderr?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void,
  environment: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [mainFile, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    onStderr?.(stderr, (signal) => child.kill(signal));
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** The built one as well: `bench` is found there, and an error has one class in it. */
const commandLine = new URL("../../dist/src/cli/command-line.js", import.meta.url).href;

/** As {@link runCli} without a process of its own, for commands that read, refuse or print; one at a time. */
export async function runInProcess(args: readonly string[]): Promise<CliResult> {
  const { runCommandLine } = (await import(commandLine)) as typeof import("../../src/cli/command-line.ts");
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      written[stream] += text;
      return true;
    }),
  );
  try {
    const code = (await runCommandLine([process.execPath, mainFile, ...args])) ?? 0;
    return { code, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
