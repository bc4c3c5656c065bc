/** What `yf-async train --resume` finds out about the run that it resumes, before anything else. */

import { dirname } from "node:path";
import { badCheckpoint, readCheckpointHead } from "../checkpoint/checkpoint-file.ts";
import { locateCheckpoint, readOrAdvise } from "../checkpoint/checkpoint-folder.ts";
import type { CheckpointFacts, WrittenOptions } from "../resume/checkpointer.ts";
import { parseProgress } from "../resume/kept-progress.ts";
import type { RunToResume } from "./run-folder.ts";
import { foundFromHere } from "./working-folder.ts";

/** A run to resume. */
export interface ResumeHead extends RunToResume {
  /** Path of its checkpoint. */
  readonly file: string;
  readonly options: WrittenOptions;
}

/** @param place As in `--resume`. @throws {YfError} `BAD_CHECKPOINT`. */
export function readResumeHead(place: string): ResumeHead {
  const { file, runFolder } = locateCheckpoint(place);
  const { commandLine, progress, workingFolder } = (readOrAdvise(file, readCheckpointHead).facts ??
    {}) as Partial<CheckpointFacts>;
  if (!isWritten(commandLine)) {
    const rule = "must come from a command-line run (a library run is resumed by its own program)";
    throw badCheckpoint(file, rule, "one of a program");
  }
  const options = foundFromHere(commandLine, dirname(file), workingFolder);
  return { file, options, updates: parseProgress(file, progress).updates, runFolder };
}

function isWritten(value: unknown): value is WrittenOptions {
  const isOption = (option: unknown) => typeof option === "string" || option === true;
  return typeof value === "object" && value !== null && Object.values(value).every(isOption);
}
