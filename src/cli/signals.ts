/** Which signals ask a run to end, and what becomes of the process by convention. */
import { constants as files, fstatSync, readFileSync, readlinkSync } from "node:fs";
import { constants } from "node:os";
import { basename } from "node:path";

/** Bits of the flags of an open file that say whether it is read or written. */
const accessModes = files.O_RDONLY | files.O_WRONLY | files.O_RDWR;

/** From a person: the second one ends the process at once. */
export const urgentSignals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

/** A closed terminal, and batch systems before they end a job, which may come more than once. */
const earlySignals: readonly NodeJS.Signals[] = ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU"];

/** All that ask a run to end in order, as far as the system has them. */
export const endingSignals = [...urgentSignals, ...earlySignals].filter((name) => name in constants.signals);

/** 128 + the number of the signal. */
export const exitCodeOf = (name: NodeJS.Signals): number => 128 + constants.signals[name];

/**
 * Whether the process was started to outlive its terminal, by `nohup`.
 *
 * A program under `nohup` finds SIGHUP ignored, but Node.js sets it back before any of our code runs. So the traces that
 * `nohup` leaves count: its name in the shell's `_`, a standard input that can only be written to, or its file of output.
 */
export function hangupIsIgnored(): boolean {
  if (basename(process.env._ ?? "") === "nohup") return true;
  return isWriteOnly(0) || [1, 2].some(isNohupFile);
}

/** Whether a descriptor was opened for writing alone, and is a device: `nohup` opens /dev/null so in place of a terminal. */
function isWriteOnly(descriptor: number): boolean {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
    const [, flags = ""] =
      /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1")) ?? [];
    return (Number.parseInt(flags, 8) & accessModes) === files.O_WRONLY;
  } catch {
    return false;
  }
}

function isNohupFile(descriptor: number): boolean {
  try {
    return basename(readlinkSync(`/proc/self/fd/${descriptor}`)) === "nohup.out";
  } catch {
    return false;
  }
}
