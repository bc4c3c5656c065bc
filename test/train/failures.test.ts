/** Workers that throw or die, and what is left of a run afterwards. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { compilePrograms } from "../../src/coordinator/compile-programs.ts";
import { WorkerPool } from "../../src/coordinator/pool.ts";
import { prepareTask } from "../../src/coordinator/prepare-task.ts";
import { runTask } from "../../src/coordinator/run-task.ts";
import { validateOptions } from "../../src/options/parse.ts";
import type { layers } from "../../src/tfjs/tf.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { blobSplit } from "./tiny.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const failingWorker = `${root}/dist/test/train/failing.worker.js`;

/** Runs until a worker fails: far more updates than fit the test's time. */
async function runWith(seed: number): Promise<unknown> {
  const settings = validateOptions(
    { model: "mlp", seed, workers: 3, batchSize: 16, maxUpdates: 1e9 },
    "library",
  );
  const pool = new WorkerPool(3, failingWorker);
  try {
    const task = await prepareTask({ data: blobSplit }, settings);
    const programs = compilePrograms(task, [16], "ort");
    const parameters = readWeights(task.model as layers.LayersModel).flat;
    return await runTask({
      task,
      programs,
      parameters,
      modelState: new Float32Array(),
      settings,
      pool,
      callbacks: {},
      signal: null,
      control: null,
      order: null,
    });
  } finally {
    await pool.close();
  }
}

describe("a run", () => {
  it.each([
    [1, "throws", /received "out of luck"$/],
    [2, "exits", /received .*/],
  ])(
    "ends when a worker (seed %i) %s, with its rank and update in the message",
    async (seed, _, received) => {
      const failure = runWith(seed);
      await expect(failure).rejects.toMatchObject({ code: "WORKER_FAILED", details: { rank: 1 } });
      await expect(failure).rejects.toThrow(
        /^Cannot continue training as every worker must keep running \(worker 1 ended at update \d+\): /,
      );
      await expect(failure).rejects.toThrow(received);
    },
    60_000,
  );

  it("leaves no thread behind, so that its process ends by itself", async () => {
    const program = `
      import { train } from "yf-async";
      const data = { train: { features: [[0, 1], [1, 0]], labels: [0, 1] } };
      const { summary } = await train({ model: "logistic", data, workers: 3, batchSize: 2, maxUpdates: 30 });
      const huge = { train: { features: [[3e38, -3e38], [-3e38, 3e38]], labels: [0, 1] } };
      const failed = await train({ model: "logistic", data: huge, workers: 3, batchSize: 2, epochs: 1 })
        .catch((error) => error.code);
      process.stdout.write(summary.updates + " " + failed);
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", program],
      {
        cwd: root,
        timeout: 60_000,
      },
    );
    expect(stdout).toBe("30 NON_FINITE");
  }, 70_000);
});
