/**
 * The lock of a folder that a run writes to: two runs in one folder would delete each other's checkpoints.
 *
 * A file that names the process, its host and its start. The lock of a process that has ended is taken over. On the same host
 * the system says whether it has; of other hosts, which may share the folder, the file's age says it: whoever lives touches
 * it. Ages are differences of times that the file system gives, so clocks of hosts may differ.
 */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { cannot, YfError } from "../errors.ts";
import { isAlive, type ProcessStart, processStart } from "../machine/process-start.ts";
import { makeFolder } from "../report/make-folder.ts";
import { writing } from "../report/writing.ts";

/** Name of the file. */
export const lockName = "run.lock";

/** How often a living process touches its lock, and the age from which one of another host counts as left behind. */
const touchEveryMs = 15_000;
const abandonedAfterMs = 120_000;
/** Locks that are lost to others in a row before the folder counts as taken. */
const mostTries = 5;

interface Holder {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
  readonly start: ProcessStart | null;
  /** Of the run that is supervised; null for none. */
  readonly run: string | null;
}

export interface LockOptions {
  /** Of a run whose processes follow each other: the lock of the one before is taken over without a word. */
  readonly run?: string | null;
  /** Hears, in a sentence, that the lock of a process that has ended was taken over. */
  readonly warn?: (text: string) => void;
}

export class FolderLock {
  readonly #file: string;
  readonly #id: string;
  /** The topmost folder that was made for it; null for none. */
  readonly #made: string | null;
  readonly #timer: NodeJS.Timeout;
  #held = true;

  private constructor(file: string, holder: Holder, made: string | null) {
    this.#file = file;
    this.#id = holder.id;
    this.#made = made;
    this.#timer = setInterval(() => this.#touch(holder), touchEveryMs).unref();
    process.on("exit", this.release);
  }

  /**
   * Locks a folder, and makes it if need be.
   *
   * @throws {YfError} `IN_USE` if another run writes there, `NOT_WRITABLE` if no one can.
   */
  static take(folder: string, { run = null, warn = () => undefined }: LockOptions = {}): FolderLock {
    const made = topmostMissing(folder);
    makeFolder(folder);
    const file = join(folder, lockName);
    const holder: Holder = {
      id: randomUUID(),
      pid: process.pid,
      host: hostname(),
      since: new Date().toISOString(),
      start: processStart(process.pid),
      run,
    };
    for (let tries = 0; tries < mostTries; tries++) {
      if (create(file, holder)) return new FolderLock(file, holder, made);
      const found = readHolder(file);
      if (found === "gone") continue;
      if (isHeld(file, found)) throw inUse(folder, file, found);
      if (!moveAway(file, found)) continue;
      if (found !== null && (run === null || found.run !== run)) {
        warn(
          `${folder} was left locked by process ${found.pid}${placeOf(found)}, which has ended: its lock is taken over`,
        );
      }
    }
    throw inUse(folder, file, null);
  }

  /** Unlocks the folder, and removes it if it was made for the lock and is empty. May be called again. */
  readonly release = (): void => {
    if (!this.#held) return;
    this.#held = false;
    clearInterval(this.#timer);
    process.off("exit", this.release);
    try {
      // Somebody may have removed it, or the whole folder.
      if (isOf(readHolder(this.#file), this.#id)) rmSync(this.#file, { force: true });
      if (this.#made !== null) removeEmpty(dirname(this.#file), this.#made);
    } catch {
      // What stays is a lock of a process that has ended, and is taken over.
    }
  };

  /** Says to other hosts that the process lives. */
  #touch(holder: Holder): void {
    try {
      if (isOf(readHolder(this.#file), this.#id)) writeFileSync(this.#file, JSON.stringify(holder));
    } catch {
      // A full disk says nothing about the run.
    }
  }
}

const isOf = (found: Holder | null | "gone", id: string) =>
  found !== null && found !== "gone" && found.id === id;

/** @returns Whether there was none. */
function create(file: string, holder: Holder): boolean {
  return writing(file, () => {
    let descriptor: number;
    try {
      descriptor = openSync(file, "wx");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
    try {
      writeFileSync(descriptor, JSON.stringify(holder));
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
    return true;
  });
}

/** Null for a file that no one could read, as one that is just being written; `gone` for none. */
function readHolder(file: string): Holder | null | "gone" {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : null;
  }
  try {
    const { host, id, pid, run, since, start } = JSON.parse(text) as Partial<Holder>;
    if (typeof pid !== "number" || typeof host !== "string" || typeof id !== "string") return null;
    return { id, pid, host, since: String(since), start: start ?? null, run: run ?? null };
  } catch {
    return null;
  }
}

function isHeld(file: string, holder: Holder | null): boolean {
  if (holder !== null && holder.host === hostname()) return isAlive(holder.pid, holder.start);
  return ageMs(file) < abandonedAfterMs;
}

/** By the clock of the file system. */
function ageMs(file: string): number {
  const probe = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(probe, "");
    return statSync(probe).mtimeMs - statSync(file).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Number.POSITIVE_INFINITY;
    throw error;
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Moves a lock away that was left behind. @returns Whether it was that one: another process may have been faster. */
function moveAway(file: string, seen: Holder | null): boolean {
  const aside = `${file}.${process.pid}.tmp`;
  try {
    renameSync(file, aside);
    const moved = readHolder(aside);
    if (seen === null ? moved === null : isOf(moved, seen.id)) return true;
    // It belongs to somebody who took it over meanwhile.
    linkSync(aside, file);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function inUse(folder: string, file: string, holder: Holder | null): YfError {
  const who =
    holder === null ? "another process" : `process ${holder.pid}${placeOf(holder)} since ${holder.since}`;
  const rule = `it is being trained by ${who}`;
  const details = {
    folder,
    lock: file,
    pid: holder?.pid ?? null,
    host: holder?.host ?? null,
    since: holder?.since ?? null,
  };
  return new YfError("IN_USE", cannot(`write to ${folder}`, rule), details);
}

const placeOf = ({ host }: Holder) => (host === hostname() ? "" : ` on ${host}`);

/** The topmost of the folders that {@link makeFolder} would make; null for none. */
function topmostMissing(folder: string): string | null {
  let missing: string | null = null;
  for (let at = resolve(folder); !existsSync(at); at = dirname(at)) missing = at;
  return missing;
}

/** Removes a folder and those above it, as far as `top`, while they are empty. */
function removeEmpty(folder: string, top: string): void {
  for (let at = resolve(folder); at.startsWith(top); at = dirname(at)) {
    try {
      rmdirSync(at);
    } catch {
      return;
    }
  }
}
