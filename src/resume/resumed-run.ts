/** A run as its checkpoint has it: checked against the call that resumes it, then put back into memory. */
import { badCheckpoint, type Checkpoint } from "../checkpoint/checkpoint-file.ts";
import { YfError } from "../errors.ts";
import type { OptionSource } from "../options/conflicts.ts";
import { MemoryImage } from "../shared/memory-image.ts";
import type { RunMemory } from "../shared/run-memory.ts";
import type { CheckpointFacts } from "./checkpointer.ts";
import { type KeptProgress, parseProgress } from "./kept-progress.ts";
import { type RunIdentity, requireSameRun } from "./run-identity.ts";

/** A checkpoint that was read, and where it lay. */
export interface ReadCheckpoint extends Checkpoint {
  readonly file: string;
}

export interface ResumedRun {
  readonly file: string;
  readonly updates: number;
  readonly progress: KeptProgress;
  readonly sections: Checkpoint["sections"];
  /** Puts the run's state into a memory of its shape, before any thread starts. @throws {YfError} `BAD_CHECKPOINT`. */
  restore(memory: RunMemory): void;
}

/**
 * @param own What the resuming call is about. @param source How its options are written in errors.
 * @throws {YfError} `BAD_CHECKPOINT` if the checkpoint is of another run.
 */
export function resumedRun(
  { facts, file, sections }: ReadCheckpoint,
  own: RunIdentity,
  source: OptionSource,
): ResumedRun {
  const { identity, progress } = (facts ?? {}) as Partial<CheckpointFacts>;
  requireSameRun(file, identity, own, source);
  const kept = parseProgress(file, progress);
  return {
    file,
    updates: kept.updates,
    progress: kept,
    sections,
    restore(memory) {
      try {
        MemoryImage.from(sections).restore(memory);
      } catch (error) {
        if (!(error instanceof YfError)) throw error;
        const rule = "must hold the state of such a run, as this version of the program writes it";
        throw badCheckpoint(file, rule, error.message, error);
      }
    },
  };
}
