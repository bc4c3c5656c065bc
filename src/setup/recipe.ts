/** What `yf-async setup NAME` does, as data and three steps; `set-up.ts` sees to it that they leave all or nothing. */
import type { InstallName } from "../install-folder.ts";

/** One thing that is fetched. */
export interface Download {
  readonly name: string;
  /** About how large, 10⁶ bytes. */
  readonly megabytes: number;
}

/** What a step may use. */
export interface Work {
  /** Aborted when the user has had enough; every program that a step runs must end with it. */
  readonly signal: AbortSignal;
  /** Reports progress, one line. */
  tell(line: string): void;
}

export interface Recipe {
  /** Of the command and the folder. */
  readonly name: InstallName;
  /** What errors call it, such as "CUDA". */
  readonly title: string;
  /** What it is for, such as "--device cuda". */
  readonly enables: string;
  /** Tells one installation from another: where this is another one than the installed, it is made anew. */
  readonly version: string;
  readonly downloads: readonly Download[];
  /** Disk that it takes at most while it is made, 10⁶ bytes. */
  readonly diskMegabytes: number;
  /** Looks for the programs that {@link build} needs. @throws {YfError} SETUP_FAILED, naming the one that is missing. */
  check(work: Work): Promise<void>;
  /** Fills an empty folder that will be moved afterwards. @throws {YfError} SETUP_FAILED. */
  build(folder: string, work: Work): Promise<void>;
  /** Tries what was built. @returns What works, in one line; null where it cannot be tried here. @throws {YfError} */
  verify(folder: string, work: Work): Promise<string | null>;
}
