/** Text from a file to a trained model: a class index for each step of a sequence, stored as bytes. */
import { describe, expect, test } from "vitest";
import { layers } from "../../src/tfjs/tf.ts";
import { train } from "../../src/train.ts";
import { temporaryFolder } from "../data/folder.ts";

const write = temporaryFolder("sequences");

describe("training on text", () => {
  test("learns which character follows which, and counts right characters", async () => {
    // Each of four characters has one successor, so that one step of memory is enough.
    const data = write("circle.txt", "abcd".repeat(300)) as `${string}.txt`;
    const { dense, embedding } = layers.layers;
    const model = layers.sequential({
      layers: [
        embedding({ inputDim: 4, outputDim: 8, inputLength: 5 }),
        dense({ units: 4, kernelInitializer: "glorotNormal" }),
      ],
    });
    const run = { model, data, sequenceLength: 5, batchSize: 8, maxUpdates: 150, optimizer: "adam" } as const;
    const { summary } = await train({ ...run, learningRate: 0.05, workers: 2 });
    expect(summary).toMatchObject({
      loss: "sparseSoftmaxCrossEntropy",
      testAccuracy: 1,
      trainingExamples: 215,
    });
  });
});
