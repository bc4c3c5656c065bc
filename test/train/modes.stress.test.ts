/** Every fixed interleaving with everything that may depend on the number of threads. */
import { describe, expect, it } from "vitest";
import { orderedModes } from "../../src/schedule/create-schedule.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { type TrainOptions, train } from "../../src/train.ts";
import { blobSplit } from "./tiny.ts";

const base = { model: "mlp", data: blobSplit, batchSize: 16, maxUpdates: 60 } as const satisfies TrainOptions;

async function run(options: Omit<TrainOptions<"mlp">, "model">) {
  const { model, summary } = await train({ ...base, ...options });
  return { summary, weights: readWeights(model).flat };
}

describe.each(orderedModes)("mode %s", (mode) => {
  it.each([{}, { batchJitter: "two", averaging: false }, { optimizer: "adam" }] as const)(
    "gives the same bits on 1, 2 and 4 threads: %o",
    async (options) => {
      const [one, two, four] = await Promise.all(
        [1, 2, 4].map((workers) => run({ ...options, mode, workers, simulateWorkers: 6 })),
      );
      expect(two.weights).toEqual(one.weights);
      expect(four.weights).toEqual(one.weights);
      expect(four.summary.staleness).toEqual(one.summary.staleness);
    },
  );
});
