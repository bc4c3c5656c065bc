/** The one error of everything that reads data files. */
import { cannot, YfError } from "../errors.ts";

/** Where in a file the fault is. */
export interface Place {
  /** From 1. */
  readonly line?: number;
  /** In bytes from the file's begin. */
  readonly offset?: number;
}

/**
 * @param rule What must hold, to follow the colon; it names the line where there is one. @param received What the file holds
 *   instead. @param place Its offset is told, too.
 */
export function badFile(file: string, rule: string, received?: unknown, place: Place = {}): YfError {
  const { offset } = place;
  const where = offset === undefined ? file : `${file} at byte ${offset}`;
  return new YfError("BAD_DATA", cannot(`read ${where}`, rule, received), { file, ...place });
}
