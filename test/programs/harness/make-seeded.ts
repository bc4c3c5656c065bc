import { createRandom } from "../../../src/math/random.ts";
import { withRandom } from "../../fit/twins.ts";
import type { Made, Program, Run } from "./program.ts";

/** Makes a program whose data and initial weights come from the seed. */
export function makeSeeded(program: Program, run: Omit<Run, "random">, seed: number): Made {
  return withRandom(seed, () => program.make({ ...run, random: createRandom(seed) }));
}
