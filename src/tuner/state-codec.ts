/**
 * A controller's state as a flat row of float64, for shared memory and checkpoints. Keys keep their order, so two states
 * of one controller have the same layout.
 */
import { cannot } from "../errors.ts";
import type { State } from "./controller.ts";

/** Number of float64 that a state takes. */
export function stateLength(state: State): number {
  return Object.values(state).reduce<number>((length, field) => {
    if (typeof field === "number") return length + 1;
    return length + (Array.isArray(field) ? field.length : stateLength(field));
  }, 0);
}

/** Writes a state into `into`, whose length must be {@link stateLength}. @throws {RangeError} If it is not. */
export function flattenState(state: State, into: Float64Array): void {
  requireLength(write(state, into, 0), into);
}

/** Reads a state back into an object of the same controller, in place. @throws {RangeError} On another length. */
export function unflattenState(from: Float64Array, state: State): void {
  requireLength(read(state, from, 0), from);
}

function requireLength(length: number, row: Float64Array): void {
  if (length === row.length) return;
  throw new RangeError(cannot("copy a tuner's state", `it has ${length} numbers`, row.length));
}

function write(state: State, into: Float64Array, from: number): number {
  let at = from;
  for (const key in state) {
    const field = state[key];
    if (typeof field === "number") into[at++] = field;
    else if (Array.isArray(field)) for (const value of field) into[at++] = value;
    else at = write(field, into, at);
  }
  return at;
}

function read(state: State, row: Float64Array, from: number): number {
  let at = from;
  for (const key in state) {
    const field = state[key];
    if (typeof field === "number") state[key] = row[at++];
    else if (Array.isArray(field)) for (let i = 0; i < field.length; i++) field[i] = row[at++];
    else at = read(field, row, at);
  }
  return at;
}
