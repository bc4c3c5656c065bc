/** What a user is told of a run that ended before its time: the commands that use what it saved. */
import { join } from "node:path";
import { CheckpointFolder } from "../checkpoint/checkpoint-folder.ts";
import type { RunSpec, TerminalSettings } from "../options/run-spec.ts";
import { whole } from "../report/live-fields.ts";
import type { Summary } from "../report/summary.ts";
import { files } from "./run-folder.ts";

/** Where results and checkpoints of a run go. */
export type SavedPlaces = Pick<RunSpec["checkpoints"], "checkpointDir" | "keepCheckpoints"> &
  Pick<TerminalSettings, "out">;

/** A run that failed after it had saved something: the failure is its cause. */
export class FailedRun extends Error {
  /** What the command does, in a sentence. */
  readonly advice: string;

  constructor(cause: unknown, advice: string) {
    super("the run failed", { cause });
    this.advice = advice;
  }
}

/** Where checkpoints go; null for nowhere. */
export function checkpointDirOf({
  checkpointDir,
  out,
}: Pick<SavedPlaces, "checkpointDir" | "out">): string | null {
  return checkpointDir ?? (out === null ? null : join(out, files.checkpoints));
}

/** A sentence with the command that resumes a run that failed; null if it left no checkpoint. */
export function afterFailure(places: SavedPlaces): string | null {
  const command = resumeCommand(places);
  return command === null ? null : `${command} resumes from its newest checkpoint.`;
}

/** How far a run came that was asked to end, and what can be done with it. */
export function afterInterrupt({ epochs, updates }: Summary, places: SavedPlaces): string {
  const command = resumeCommand(places);
  const ways = [
    command === null ? [] : [`${command} resumes it`],
    places.out === null ? [] : [`yf-async evaluate ${argument(places.out)} tests the weights`],
  ].flat();
  const saved = ways.length === 0 ? "Nothing was saved: give --out DIR to keep the run" : ways.join(", ");
  return `Interrupted after ${whole(updates)} updates (epoch ${epochs.toFixed(2)}). ${saved}.`;
}

/** Null where there is no checkpoint. */
function resumeCommand({ checkpointDir, keepCheckpoints, out }: SavedPlaces): string | null {
  const folder = checkpointDirOf({ checkpointDir, out });
  if (folder === null || keepCheckpoints === 0 || new CheckpointFolder(folder).list().length === 0)
    return null;
  if (out === null) return `yf-async train --resume ${argument(folder)}`;
  // Checkpoints that lie elsewhere do not say where the results are.
  const results = argument(out);
  const place = folder === join(out, files.checkpoints) ? results : `${argument(folder)} --out ${results}`;
  return `yf-async train --resume ${place}`;
}

/** A path as a shell takes it for one argument. */
function argument(path: string): string {
  return /^[\w./:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
