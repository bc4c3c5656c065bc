/**
 * The checkpoints of a run in a folder: one file each, named by its number of updates; the newest ones stay.
 *
 * Owns the names of the files and which of them is used; what is in them is in `checkpoint-file.ts`.
 */
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { cannot, YfError } from "../errors.ts";
import { makeFolder } from "../report/make-folder.ts";
import { writing } from "../report/writing.ts";
import { badCheckpoint, type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint-file.ts";

/** Name of the folder inside of the folder of a run. */
export const checkpointsName = "checkpoints";

const ending = ".ckpt";
/** Numbers of updates in names of one length stand in their order. */
const digits = 12;
const checkpointName = new RegExp(`^\\d{${digits}}\\${ending}$`);
/** What a process that ended while it wrote has left. */
const unfinishedName = new RegExp(`^\\d{${digits}}\\${ending}\\.\\d+\\.tmp$`);

export class CheckpointFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Paths of the checkpoints, newest first; none if there is no folder. */
  list(): string[] {
    return this.#names(checkpointName).sort().reverse();
  }

  /** Whether a file lies in this folder. */
  holds(file: string): boolean {
    return resolve(dirname(file)) === resolve(this.path);
  }

  /** @throws {YfError} `OUTPUT_EXISTS` if there are checkpoints, which another run could lose. */
  requireNone(): void {
    const [newest] = this.list();
    if (newest === undefined) return;
    const rule = "the folder must not hold those of another run, which could be resumed";
    const message = cannot(`write checkpoints to ${this.path}`, rule, basename(newest));
    throw new YfError("OUTPUT_EXISTS", message, { folder: this.path });
  }

  /**
   * Makes the folder ready for a run: nothing stays in it that a later resume could take for a newer state of this run.
   *
   * @param from What the run resumes from; null for a new run. @throws {YfError} `NOT_WRITABLE`.
   */
  begin(from: { readonly file: string; readonly updates: number } | null): void {
    makeFolder(this.path);
    if (from !== null && this.holds(from.file)) this.dropAfter(from.updates);
    else this.keep(0);
  }

  /** Writes the checkpoint of so many updates. @returns Its path. @throws {YfError} `NOT_WRITABLE`. */
  async write(updates: number, checkpoint: Checkpoint): Promise<string> {
    makeFolder(this.path);
    const file = join(this.path, `${String(updates).padStart(digits, "0")}${ending}`);
    await writeCheckpoint(file, checkpoint);
    return file;
  }

  /** Deletes all but the `count` newest, and what was not finished. @throws {YfError} `NOT_WRITABLE`. */
  keep(count: number): void {
    const old = [...this.list().slice(count), ...this.#names(unfinishedName)];
    writing(this.path, () => {
      for (const file of old) rmSync(file, { force: true });
    });
  }

  /** Deletes those of more than so many updates. @throws {YfError} `NOT_WRITABLE`. */
  dropAfter(updates: number): void {
    const gone = this.list().filter((file) => Number.parseInt(basename(file), 10) > updates);
    writing(this.path, () => {
      for (const file of gone) rmSync(file, { force: true });
    });
  }

  #names(pattern: RegExp): string[] {
    const names = existsSync(this.path) ? readdirSync(this.path) : [];
    return names.filter((name) => pattern.test(name)).map((name) => join(this.path, name));
  }
}

/** Where a checkpoint is. */
export interface CheckpointPlace {
  readonly file: string;
  /** Folder of its run; null where it does not lie in the folder of one. */
  readonly runFolder: string | null;
}

/**
 * Finds the checkpoint to resume from.
 *
 * @param place A checkpoint, a folder of them (the newest counts), or the folder of a run.
 * @throws {YfError} `BAD_CHECKPOINT` if there is none.
 */
export function locateCheckpoint(place: string): CheckpointPlace {
  const folder = new CheckpointFolder(folderOf(place));
  const file = isFolder(place) ? folder.list()[0] : place;
  if (file === undefined) throw badCheckpoint(place, "there must be one in the folder");
  return { file, runFolder: basename(folder.path) === checkpointsName ? dirname(folder.path) : null };
}

/**
 * Reads a checkpoint, or its head; where it is damaged, says which one before it is whole.
 *
 * @param read What reads it. @throws {YfError} `BAD_CHECKPOINT`.
 */
export function readOrAdvise<T>(file: string, read: (file: string) => T): T {
  try {
    return read(file);
  } catch (error) {
    const others = new CheckpointFolder(dirname(file)).list();
    const before = others.find((other) => basename(other) < basename(file) && isWhole(other));
    if (!(error instanceof YfError) || before === undefined) throw error;
    const advice = `${error.message}; the one before it is whole: ${before}`;
    throw new YfError("BAD_CHECKPOINT", advice, { ...error.details, before }, error);
  }
}

function folderOf(place: string): string {
  if (!isFolder(place)) return dirname(place);
  const inside = join(place, checkpointsName);
  return isFolder(inside) ? inside : place;
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Whether all of a checkpoint can be read, and every checksum is right. */
export function isWhole(file: string): boolean {
  try {
    readCheckpoint(file);
    return true;
  } catch (error) {
    if (error instanceof YfError) return false;
    throw error;
  }
}
