/**
 * A controller's state as a flat row of float64, for shared memory and checkpoints, to the bit.
 *
 * Fields follow each other in the order in which `init()` writes them, so that two states of one controller have one
 * layout. A worker does this at every drain: nothing is allocated.
 */
import { cannot } from "../errors.ts";
import type { State } from "./controller.ts";

/** Number of float64 that a state takes. */
export function stateLength(state: State): number {
  let length = 0;
  for (const key in state) {
    const field = state[key];
    if (typeof field === "number") length++;
    else length += Array.isArray(field) ? field.length : stateLength(field);
  }
  return length;
}

/**
 * Writes a state into `row`.
 *
 * @param row `[stateLength(state)]`. @throws {RangeError} If it has another length; nothing is written then.
 */
export function flattenState(state: State, row: Float64Array): void {
  requireLength(state, row);
  write(state, row, 0);
}

/**
 * Reads a state back, in place.
 *
 * @param row From {@link flattenState}. @param state Of the same controller; its numbers are replaced.
 * @throws {RangeError} If the lengths differ; nothing is replaced then.
 */
export function unflattenState(row: Float64Array, state: State): void {
  requireLength(state, row);
  read(state, row, 0);
}

function requireLength(state: State, row: Float64Array): void {
  const length = stateLength(state);
  if (length === row.length) return;
  throw new RangeError(cannot("copy a tuner's state", `the row must have ${length} numbers`, row.length));
}

/** @returns Where the next field begins. */
function write(state: State, row: Float64Array, start: number): number {
  let at = start;
  for (const key in state) {
    const field = state[key];
    if (typeof field === "number") row[at++] = field;
    else if (Array.isArray(field)) for (let i = 0; i < field.length; i++) row[at++] = field[i];
    else at = write(field, row, at);
  }
  return at;
}

/** @returns Where the next field begins. */
function read(state: State, row: Float64Array, start: number): number {
  let at = start;
  for (const key in state) {
    const field = state[key];
    if (typeof field === "number") state[key] = row[at++];
    else if (Array.isArray(field)) for (let i = 0; i < field.length; i++) field[i] = row[at++];
    else at = read(field, row, at);
  }
  return at;
}
