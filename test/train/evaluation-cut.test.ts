/** Runs that are asked to end while an evaluation takes ten seconds or so: the run does not wait for it. */
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/report/run-event.ts";
import { type TrainOptions, train } from "../../src/train.ts";
import { temporaryFolder } from "../data/folder.ts";
import { blobSplit, blobs } from "./tiny.ts";

const pixels = 784;
const examples = (length: number) => ({
  features: { values: new Uint8Array(length * pixels), shape: [pixels] },
  labels: { values: Uint8Array.from({ length }, (_, i) => i % 10), classes: 10 },
});

/** The slow interpreter takes some 50 ms for each of the 240 minibatches of this test set. */
const slow = {
  model: "mlp",
  engine: "reference",
  workers: 1,
  batchSize: 8,
  data: { train: examples(64), test: examples(60_000) },
} as const satisfies TrainOptions;

/** What is told before training: the images of this test are black. */
const read = ["data", "All features are 0."];
const notEvaluated = "the weights were not evaluated: the run was asked to end before that was done";

function listener(act: (event: RunEvent) => void = () => undefined) {
  const told: string[] = [];
  const onEvent = (event: RunEvent) => {
    told.push(event.event === "warning" ? event.text : event.event);
    act(event);
  };
  return { told, onEvent };
}

describe("an evaluation that is under way when a run is asked to end", () => {
  it("is cut off during the run, and so is that of the end", async () => {
    const user = new AbortController();
    const { onEvent, told } = listener();
    let looks = 0;
    const { history, summary } = await train({
      ...slow,
      maxUpdates: 1_000_000,
      evalEverySeconds: 0.001,
      signal: user.signal,
      // The evaluation is due at the first look, so it still runs at the third.
      callbacks: { onEvent, onYield: ({ updates }) => updates > 0 && ++looks === 3 && user.abort() },
    });
    expect(told).toEqual([...read, notEvaluated, "stop"]);
    expect(summary).toMatchObject({ stopReason: "aborted", testAccuracy: null, testLoss: null });
    expect(history.at(-1)).toMatchObject({ updates: summary.updates, testLoss: null });
  });

  it("is cut off when the run has made all its updates, and the run can be resumed", async () => {
    const checkpointDir = dirname(temporaryFolder("evaluation-cut")("x", ""));
    const user = new AbortController();
    // The checkpoint of the end is written before the evaluation of the end begins.
    const { onEvent, told } = listener(({ event }) => event === "checkpoint" && user.abort());
    const options = { ...slow, maxUpdates: 20, evalEverySeconds: 1000, checkpointDir } as const;
    const { summary } = await train({ ...options, signal: user.signal, callbacks: { onEvent } });
    expect(told).toEqual([...read, "checkpoint", notEvaluated, "stop"]);
    expect(summary).toMatchObject({ updates: 20, stopReason: "completed", testAccuracy: null });

    const again = new AbortController();
    const next = listener(({ event }) => event === "checkpoint" && again.abort());
    const resumed = await train({
      ...options,
      maxUpdates: 30,
      resume: checkpointDir,
      signal: again.signal,
      callbacks: { onEvent: next.onEvent },
    });
    expect(resumed.summary).toMatchObject({ updates: 30, stopReason: "completed" });
  });

  it("comes to its end if it is short", async () => {
    const user = new AbortController();
    const { summary } = await train({
      model: "mlp",
      data: { ...blobSplit, test: blobs(100, 3) },
      batchSize: 16,
      maxUpdates: 1_000_000,
      signal: user.signal,
      callbacks: { onYield: ({ updates }) => updates > 0 && user.abort() },
    });
    expect(summary.stopReason).toBe("aborted");
    expect(summary.testAccuracy).toBeGreaterThan(0.2);
  });
});
