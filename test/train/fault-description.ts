/** How threads fail on purpose, as those threads are told: a file that loads nothing else. */

/** Ways to fail; of the last three no thread dies. */
export type How =
  | "throws"
  | "throws uncaught"
  | "exits"
  | "runs out of heap"
  | "stalls"
  | "gives NaN"
  | "spoils the model"
  | "blows the model up";

export interface Fault {
  /** One of these, by the dice of each thread. */
  readonly how: readonly How[];
  /** After a gradient, or within the gate. */
  readonly where: "gradient" | "before the update" | "after the update";
  /** Whose threads fail. */
  readonly ranks: readonly number[];
  /** How many threads fail in each of these places before one lives on. */
  readonly lives: number;
  /** So often a thread comes to the place first: at least, and at most. */
  readonly skip: readonly [number, number];
}

/** Name of the variable of the environment that holds a {@link Fault} as JSON. */
export const faultVariable = "YF_TEST_FAULT";
