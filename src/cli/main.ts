#!/usr/bin/env node
/** The entry of the command `yf-async`: its process, and nothing of what it does. */
import { runCommandLine } from "./command-line.ts";

/**
 * There may be no reader for what is shown, as behind `| head`, and there may be no room for it, as in a log on a full disk:
 * a run continues all the same. A result that was lost for want of room is a failure.
 */
function outliveReaders(): void {
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code !== "EPIPE") process.exitCode ||= 1;
  });
}

outliveReaders();
const exitCode = await runCommandLine(process.argv);
if (exitCode !== null) process.exitCode = exitCode;
