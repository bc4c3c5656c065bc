/** Programs of TensorFlow.js with one changed line: the same weights after the same steps. */
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { trainTwins } from "./harness/twin-runs.ts";
import { programs } from "./programs.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

test.each(programs.map((program) => [program.name, program] as const))(
  "after 20 steps a program has the weights and the history of model.fit: %s",
  async (_, program) => {
    const { historyError, weightError } = await trainTwins(program);
    expect(weightError).toBeLessThan(1e-4);
    expect(historyError).toBeLessThan(1e-4);
  },
);
