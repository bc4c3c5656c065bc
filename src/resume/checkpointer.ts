/**
 * Writes the checkpoints of a run while it trains. Copying is the caller's moment, between two updates; writing takes the
 * time that the disk needs, and nothing waits for it.
 *
 * A checkpoint that cannot be written is told of, and costs no more than itself: the newest good one stays.
 */
import { relative } from "node:path";
import type { CheckpointFolder } from "../checkpoint/checkpoint-folder.ts";
import { YfError } from "../errors.ts";
import { MemoryImage } from "../shared/memory-image.ts";
import type { RunMemory } from "../shared/run-memory.ts";
import { bestSections, type KeptProgress } from "./kept-progress.ts";
import type { RunIdentity } from "./run-identity.ts";

/** Options as they were written on a command line, by their names in camel case: texts, and true for a flag. */
export type WrittenOptions = Readonly<Record<string, string | true>>;

export interface CheckpointPlan {
  readonly folder: CheckpointFolder;
  /** Seconds of training between two checkpoints. */
  readonly everySeconds: number;
  /** How many stay, ≥ 1. */
  readonly keep: number;
  /** Of the command that began the run; null for a program. */
  readonly commandLine: WrittenOptions | null;
  /** Of a run that is supervised, the same in all of its processes; null for another one. */
  readonly supervisedAs: string | null;
}

/** What is true of a run from its beginning to its end. */
export interface CheckpointedRun {
  readonly identity: RunIdentity;
  /** |x₀| of the parameters that it began with. */
  readonly initialNorm: number;
}

/** What is in the head of a checkpoint. */
export interface CheckpointFacts {
  /** ISO 8601. */
  readonly writtenAt: string;
  readonly commandLine: CheckpointPlan["commandLine"];
  /** The folder in which the run was started, as seen from that of the checkpoints; relative paths start there. */
  readonly workingFolder: string;
  readonly supervisedAs: CheckpointPlan["supervisedAs"];
  readonly identity: RunIdentity;
  readonly progress: KeptProgress;
}

/** Flat weights and state that an evaluation found best. */
export interface KeptWeights {
  readonly parameters: Float32Array;
  readonly state: Float32Array;
}

export class Checkpointer {
  readonly #plan: CheckpointPlan;
  readonly #run: CheckpointedRun;
  readonly #memory: RunMemory;
  readonly #tell: (updates: number, problem: YfError | null) => void;
  /** Made before the threads start, so that no checkpoint waits for memory. */
  readonly #image: MemoryImage;
  readonly #workingFolder: string;
  #nextAt: number;
  #writing: Promise<void> | null = null;

  /** @param seconds Of training before. @param tell Called once each has been written, or could not be. */
  constructor(
    plan: CheckpointPlan,
    run: CheckpointedRun,
    memory: RunMemory,
    seconds: number,
    tell: (updates: number, problem: YfError | null) => void,
  ) {
    this.#plan = plan;
    this.#run = run;
    this.#memory = memory;
    this.#tell = tell;
    this.#image = MemoryImage.of(memory);
    this.#workingFolder = relative(plan.folder.path, process.cwd());
    this.#nextAt = seconds + plan.everySeconds;
  }

  /** Whether the last one is not written yet: there is one copy at a time. */
  get isWriting(): boolean {
    return this.#writing !== null;
  }

  /** Whether it is time for one. @param seconds Of training. */
  isDue(seconds: number): boolean {
    return seconds >= this.#nextAt;
  }

  /**
   * Copies the run as it is now, and begins to write it. No one may be inside the gate, and nothing be under way.
   *
   * @param best Kept weights of the best evaluation, null for none.
   */
  take(progress: Omit<KeptProgress, "initialNorm">, best: KeptWeights | null): void {
    this.#image.take(this.#memory);
    this.#nextAt = progress.seconds + this.#plan.everySeconds;
    this.#writing = this.#write({ ...progress, initialNorm: this.#run.initialNorm }, best).finally(() => {
      this.#writing = null;
    });
  }

  /** The run went back: what it would have resumed from after more than so many updates is no part of it any more. */
  forget(updates: number): void {
    void this.settled().then(() => {
      try {
        this.#plan.folder.dropAfter(updates);
      } catch (error) {
        if (!(error instanceof YfError)) throw error;
        this.#tell(updates, error);
      }
    });
  }

  /** Waits for what is being written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(progress: KeptProgress, best: KeptWeights | null): Promise<void> {
    const { commandLine, folder, keep, supervisedAs } = this.#plan;
    const facts: CheckpointFacts = {
      writtenAt: new Date().toISOString(),
      commandLine,
      workingFolder: this.#workingFolder,
      supervisedAs,
      identity: this.#run.identity,
      progress,
    };
    const sections = new Map(this.#image.sections);
    if (best !== null) {
      sections.set(bestSections.parameters, bytesOf(best.parameters));
      sections.set(bestSections.state, bytesOf(best.state));
    }
    try {
      await folder.write(progress.updates, { facts, sections });
      folder.keep(keep);
      this.#tell(progress.updates, null);
    } catch (error) {
      if (!(error instanceof YfError)) throw error;
      this.#tell(progress.updates, error);
    }
  }
}

const bytesOf = ({ buffer, byteLength, byteOffset }: Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
