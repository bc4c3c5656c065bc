/** Whether a process lives, and since when: the number of a process alone says little, as systems use numbers again. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Of zombies, which have ended, and of processes that just vanish. */
const endedStates = ["Z", "X", "x"];

/** What tells apart processes of one number; null where the system does not tell (it does on Linux). */
export interface ProcessStart {
  /** Of the system: another one after each boot. */
  readonly boot: string;
  /** Clock ticks from then to the start of the process. */
  readonly ticks: number;
}

/** @returns When a living process started; null if there is none, or the system does not tell. @param root Holds `proc`. */
export function processStart(pid: number, root = "/"): ProcessStart | null {
  const stat = read(join(root, "proc", String(pid), "stat"));
  const boot = read(join(root, "proc/sys/kernel/random/boot_id"));
  // The second field is the name of the program in parentheses, and may hold any of them itself.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields === undefined || boot === null || endedStates.includes(fields[0])) return null;
  return { boot: boot.trim(), ticks: Number(fields[19]) };
}

/** @param start Of the process that is meant; null where the system did not tell. */
export function isAlive(pid: number, start: ProcessStart | null): boolean {
  if (start !== null) {
    const now = processStart(pid);
    return now !== null && now.boot === start.boot && now.ticks === start.ticks;
  }
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return null;
  }
}
