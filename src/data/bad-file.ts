/** The one error of everything that reads data files. */
import { cannot, YfError } from "../errors.ts";

/** Where in a file the fault is. */
export interface Place {
  /** From 1. */
  readonly line?: number;
  /** In bytes from the file's begin. */
  readonly offset?: number;
}

/** @param rule What must hold, to follow "as". @param received What the file holds instead. */
export function badFile(file: string, rule: string, received: unknown, place: Place = {}): YfError {
  return new YfError("BAD_DATA", cannot(`read ${file}`, rule, received), { file, ...place });
}
