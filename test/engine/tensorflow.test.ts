import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readWeights } from "../../src/tfjs/weights.ts";
import { train } from "../../src/train.ts";
import { runCli } from "../cli/run-cli.ts";
import { blobSplit } from "../train/tiny.ts";
import { hasTensorflow, needsTensorflow } from "./tensorflow.ts";

describe.skipIf(!hasTensorflow)(`the engine tensorflow (${needsTensorflow})`, () => {
  test("gives the same bits on 1 and 4 threads that compute at once", async () => {
    const base = {
      model: "mlp",
      data: blobSplit,
      batchSize: 16,
      maxUpdates: 60,
      engine: "tensorflow",
    } as const;
    const weights = async (workers: number) => {
      const { model, summary } = await train({ ...base, mode: "round-robin", workers, simulateWorkers: 6 });
      expect(summary).toMatchObject({ engine: "tensorflow", updates: 60, workers });
      return readWeights(model).flat;
    };
    expect(await weights(4)).toEqual(await weights(1));
  });

  test("trains the nets of the package as the default engine does", async () => {
    const options = { data: blobSplit, model: "mlp", mode: "serial", batchSize: 16, maxUpdates: 40 } as const;
    const [ours, theirs] = await Promise.all(
      (["tensorflow", "ort"] as const).map(async (engine) => (await train({ ...options, engine })).summary),
    );
    // The same sums in another order, 40 updates long.
    expect(ours.trainLoss).toBeCloseTo(theirs.trainLoss as number, 3);
    expect(ours.testAccuracy).toBeCloseTo(theirs.testAccuracy as number, 2);
  });
});

test("where TensorFlow is not set up, one sentence names the command that does so", async () => {
  const empty = mkdtempSync(join(tmpdir(), "yf-async-no-tensorflow-"));
  const nowhere = { XDG_CACHE_HOME: empty, YF_ASYNC_TENSORFLOW: "", YF_ASYNC_TENSORFLOW_GPU: "" };
  try {
    const args = "train --engine tensorflow --data a6a --model logistic --updates 1 --workers 1 --quiet";
    expect(await runCli(args.split(" "), undefined, nowhere)).toEqual({
      code: 1,
      stdout: "",
      stderr:
        'Cannot open the engine tensorflow: TensorFlow must be set up (yf-async setup tensorflow) (got "no @tensorflow/tfjs-node, no @tensorflow/tfjs-node-gpu")\n',
    });
  } finally {
    rmSync(empty, { recursive: true });
  }
});
