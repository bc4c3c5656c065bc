/** Runs that are stopped and resumed until they come to their end, against runs that never were. */
import { rmSync } from "node:fs";
import { expect } from "vitest";
import { readWeights } from "../../src/tfjs/weights.ts";
import { type TrainOptions, type TrainResult, train } from "../../src/train.ts";
import { blobSplit } from "./tiny.ts";

export const base = { model: "mlp", data: blobSplit, batchSize: 256 } as const satisfies TrainOptions;

export type Options = Omit<TrainOptions<"mlp">, "model">;

/** A run that is stopped whenever it has made some updates; and how often that was. @param mostStops Each costs the start of its threads. */
export async function stopAgain(
  checkpointDir: string,
  options: Options,
  mostStops: number,
): Promise<{ result: TrainResult; stops: number }> {
  rmSync(checkpointDir, { recursive: true, force: true });
  for (let stops = 0; ; stops++) {
    const user = new AbortController();
    let begun: number | null = null;
    const result = await train({
      ...base,
      ...options,
      checkpointDir,
      ...(stops === 0 ? {} : { resume: checkpointDir }),
      signal: user.signal,
      callbacks: {
        onYield({ updates }) {
          begun ??= updates;
          if (stops < mostStops && updates > begun) user.abort();
        },
      },
    });
    if (result.summary.stopReason !== "aborted") return { result, stops };
  }
}

export const bits = ({ model, summary }: TrainResult<"mlp"> | TrainResult) => ({
  weights: readWeights(model as TrainResult<"mlp">["model"]).flat,
  staleness: summary.staleness,
  updates: summary.updates,
  testLoss: summary.testLoss,
});

/** Expects a run that is stopped so often to end with the bits of one that was never stopped. */
export async function expectSameBits(
  checkpointDir: string,
  given: Options,
  mostStops: number,
): Promise<void> {
  // So many take longer than the stops. One update of mode sync is several gradients.
  const maxUpdates = mostStops * (given.mode === "sync" ? 400 : given.workers === 2 ? 1000 : 2000);
  const options = { ...given, maxUpdates };
  const whole = await train({ ...base, ...options });
  const { result, stops } = await stopAgain(checkpointDir, options, mostStops);
  expect(bits(result), `stopped ${stops} times`).toEqual(bits(whole));
  expect(stops).toBeGreaterThan(0);
  expect(result.lossCurve).toEqual(whole.lossCurve);
}
