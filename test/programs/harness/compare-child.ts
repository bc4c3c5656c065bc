/**
 * One run of one program in a process of its own: `NAME CONTENDER SEED`. Prints a line of JSON, a {@link ChildResult}.
 *
 * Each contender loads what its user would load, and no more.
 */
import * as tf from "@tensorflow/tfjs";
import { programs } from "../programs.ts";
import { makeSeeded } from "./make-seeded.ts";
import type { Trainer } from "./trainer.ts";

/** TensorFlow.js on one of its backends; or this package, one of the ways to use it. */
export type ContenderName = "changed line" | "compiled" | "cpu" | "wasm";

export interface ChildResult {
  /** From the start of the process until the model is trained. */
  readonly seconds: number;
  readonly figures: Readonly<Record<string, number>>;
}

async function trainerOf(contender: ContenderName): Promise<Trainer> {
  if (contender === "wasm") await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend(contender === "wasm" ? "wasm" : "cpu");
  return contender === "wasm" || contender === "cpu"
    ? (await import("./tensorflow-trainer.ts")).tensorflow(false)
    : (await import("./own-trainer.ts")).ours(contender);
}

const [, , name, contender, seed] = process.argv;
const program = programs.find((one) => one.name === name);
if (program === undefined) throw new Error(`Cannot run ${name}: there is no such program`);
const trainer = await trainerOf(contender as ContenderName);
const made = makeSeeded(program, { ...program.full, mayDraw: true }, Number(seed));
await made.train(trainer);
const seconds = performance.now() / 1000;
for (const model of made.models) await trainer.release(model);
await tf.setBackend("cpu");
const result: ChildResult = { seconds, figures: made.figures() };
process.stdout.write(`${JSON.stringify(result)}\n`);
