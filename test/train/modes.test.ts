import { describe, expect, it } from "vitest";
import type { RecordedOrder } from "../../src/index.ts";
import { orderedModes } from "../../src/schedule/create-schedule.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { type TrainOptions, train } from "../../src/train.ts";
import { blobSplit } from "./tiny.ts";

const base = { model: "mlp", data: blobSplit, batchSize: 16, maxUpdates: 60 } as const satisfies TrainOptions;

type Options = Omit<TrainOptions<"mlp">, "model">;

async function run(options: Options) {
  const { model, summary } = await train({ ...base, ...options });
  return { summary, weights: readWeights(model).flat };
}

const serialRun = run({ mode: "serial" });

/** What else may depend on the number of threads; each mode has some of it here, and all of it in the stress tests. */
const besides = {
  sync: { averaging: false },
  "round-robin": { batchJitter: "two" },
  "random-worker": { optimizer: "adam" },
  timed: {},
} as const satisfies Record<(typeof orderedModes)[number], Options>;

describe.each(orderedModes)("mode %s", (mode) => {
  it("gives the same bits on 1 and 3 threads, and others with another seed", async () => {
    const options = { ...besides[mode], mode, simulateWorkers: 6 };
    const [one, three, other] = await Promise.all([
      run({ ...options, workers: 1 }),
      run({ ...options, workers: 3 }),
      run({ ...options, workers: 1, seed: 2 }),
    ]);
    expect(three.weights).toEqual(one.weights);
    expect(three.summary.staleness).toEqual(one.summary.staleness);
    expect(one.summary).toMatchObject({ mode, updates: 60, workers: 1, simulatedWorkers: 6 });
    expect(other.weights).not.toEqual(one.weights);
  });

  it("gives with one simulated worker the bits of the serial algorithm", async () => {
    const simulated = await run({ mode, workers: 1, simulateWorkers: 1 });
    expect(simulated.weights).toEqual((await serialRun).weights);
  });

  it("ends when it is told to, whatever its threads are waiting for", async () => {
    const user = new AbortController();
    const { summary } = await train({
      ...base,
      mode,
      workers: 3,
      simulateWorkers: 5,
      maxUpdates: 1_000_000,
      signal: user.signal,
      callbacks: { onYield: ({ updates }) => updates > 0 && user.abort() },
    });
    expect(summary.stopReason).toBe("aborted");
    expect(summary.updates).toBeGreaterThan(0);
  });
});

describe("mode sync", () => {
  it("counts the examples of all workers behind one update", async () => {
    // 2 epochs of 512 examples are 64 minibatches of 16, so 13 updates of 5 workers, the last one of 4 gradients.
    const { summary } = await run({
      mode: "sync",
      workers: 2,
      simulateWorkers: 5,
      epochs: 2,
      maxUpdates: undefined,
    });
    expect(summary.updates).toBe(13);
    expect(summary.epochs).toBe(2);
  });
});

describe("the optimizer auto", () => {
  // A hundred times the learning rate makes the loss explode as soon as losses are judged.
  const hasty = { optimizer: "auto", learningRateFactor: 100, maxUpdates: 200 } as const;

  it("drops the gradients on their way when it turns back, the same on any number of threads", async () => {
    const options = { ...hasty, mode: "round-robin", simulateWorkers: 6 } as const;
    const [one, three] = await Promise.all([1, 3].map((workers) => run({ ...options, workers })));
    expect(three.weights).toEqual(one.weights);
    // The other five workers have read parameters that are no more.
    expect(one.summary).toMatchObject({ updates: 195, droppedGradients: 5 });
  });

  it("loses no update by that where threads run free, as they compute the gradient anew", async () => {
    const delay = [0, 1, 2, 3].map((rank) => ({ rank, ms: 1, law: "constant" }) as const);
    const { summary } = await run({ ...hasty, mode: "locked", workers: 4, delay });
    expect(summary.updates).toBe(200);
  });
});

describe("--staleness-policy", () => {
  const policies = ["lr-over-tau", "gap-aware", "delay-compensated"] as const;
  const base = { optimizer: "momentum", averaging: false } as const;

  it("changes a stale run, to the same bits on any number of threads", async () => {
    const stale = { ...base, mode: "random-worker", simulateWorkers: 6 } as const;
    const none = await run({ ...stale, workers: 1 });
    for (const stalenessPolicy of [...policies, "closed-loop"] as const) {
      const [one, three] = await Promise.all([
        run({ ...stale, workers: 1, stalenessPolicy }),
        run({ ...stale, workers: 3, stalenessPolicy }),
      ]);
      expect(three.weights, stalenessPolicy).toEqual(one.weights);
      expect(one.weights, stalenessPolicy).not.toEqual(none.weights);
    }
  });

  it("leaves fresh gradients alone, to the bit", async () => {
    const none = await run({ ...base, workers: 1 });
    for (const stalenessPolicy of policies) {
      const alone = await run({ ...base, workers: 1, stalenessPolicy });
      expect(alone.weights, stalenessPolicy).toEqual(none.weights);
    }
  });

  it("drop is the name of --max-staleness with dropping", async () => {
    const { summary } = await run({
      workers: 4,
      mode: "locked",
      stalenessPolicy: "drop",
      maxStaleness: 1,
      maxUpdates: 200,
    });
    expect(summary.updates).toBe(200);
    expect(summary.staleness.max).toBeLessThanOrEqual(1);
  });
});

describe("mode locked", () => {
  it("trains with several threads and gives with one the bits of the serial algorithm", async () => {
    const alone = await run({ mode: "locked", workers: 1 });
    expect(alone.weights).toEqual((await serialRun).weights);
    const { summary } = await run({ mode: "locked", workers: 4, maxUpdates: 400 });
    expect(summary).toMatchObject({ mode: "locked", updates: 400, simulatedWorkers: null });
    expect(summary.trainLoss).toBeLessThan(0.5);
  });
});

describe("updates under a lock", () => {
  it("are never lost: a constant gradient moves every weight by all of them", async () => {
    const weight = tf.variable(tf.zeros([1000]));
    await train({
      model: () => tf.reshape(weight, [1, 1000]),
      variables: [weight],
      // d/dw Σ w = 1 everywhere.
      loss: (_labels, predictions) => tf.sum(predictions) as tf.Scalar,
      data: { train: { features: new Float32Array(64).fill(1), labels: new Float32Array(64) } },
      mode: "locked",
      workers: 6,
      batchSize: 1,
      maxUpdates: 1500,
      optimizer: "sgd",
      learningRate: 2 ** -10,
      averaging: false,
    });
    // 1500·2⁻¹⁰ and every sum on the way are exact in float32.
    expect([...new Set(weight.dataSync())]).toEqual([-1500 / 1024]);
    weight.dispose();
  });
});

describe("--max-staleness", () => {
  const crowd = { workers: 4, maxUpdates: 150, batchJitter: "exponential" } as const;

  it.each(["hogwild", "locked"] as const)("lets workers wait so that nothing is staler: %s", async (mode) => {
    const { summary } = await run({ ...crowd, mode, maxStaleness: 2, onStale: "wait" });
    expect(summary.staleness.max).toBeLessThanOrEqual(2);
    expect(summary).toMatchObject({ updates: 150, droppedGradients: 0 });
  });

  it("drops what is staler and computes it anew", async () => {
    const delay = [{ rank: 0, ms: 20, law: "constant" }] as const;
    const { summary } = await run({ ...crowd, mode: "locked", maxStaleness: 2, delay, seed: 5 });
    // Under the lock no update comes in between: the bound is exact.
    expect(summary.staleness.max).toBeLessThanOrEqual(2);
    expect(summary.updates).toBe(150);
    expect(summary.droppedGradients).toBeGreaterThan(0);
  });

  it("of 0 with waiting leaves no gradient stale at all", async () => {
    const { summary } = await run({ ...crowd, mode: "hogwild", maxStaleness: 0, onStale: "wait" });
    expect(summary.staleness).toMatchObject({ mean: 0, max: 0 });
  });
});

describe("a recorded run", () => {
  it.each([{ batchJitter: "two" }, { mode: "locked", optimizer: "adam" }] as const)(
    "is replayed in its order, with the same bits on 1 and 3 threads: %o",
    async (options) => {
      const { order, summary } = await train({ ...base, ...options, workers: 5, record: true });
      expect(order?.entries.length).toBe(3 * 60);
      const replayed = await Promise.all(
        [1, 3].map(async (workers) => {
          // The mode is the order's.
          const { mode: _, ...rest }: { mode?: string } = options;
          const { model, summary: again } = await train({ ...base, ...rest, workers, order });
          expect(again).toMatchObject({ mode: "replay", updates: 60, workers, simulatedWorkers: 5 });
          expect(again.staleness).toEqual(summary.staleness);
          return readWeights(model).flat;
        }),
      );
      expect(replayed[1]).toEqual(replayed[0]);
    },
  );

  it("of one worker is replayed to its own bits", async () => {
    const { model, order } = await train({ ...base, workers: 1, record: true });
    const again = await train({ ...base, workers: 2, order });
    expect(readWeights(again.model).flat).toEqual(readWeights(model).flat);
  });

  it("is refused when no run can have had its order", async () => {
    // Worker 0 reads for its second update before it made its first.
    const { order: real } = await train({ ...base, workers: 1, record: true });
    const order = { ...(real as RecordedOrder), entries: Int32Array.of(0, 0, 0, 0, 0, 1) };
    await expect(train({ ...base, workers: 1, order })).rejects.toThrow(
      "Cannot replay an order: each worker must read after its own update and before the next",
    );
  });

  it("is refused for another model", async () => {
    const { order } = await train({ ...base, workers: 1, record: true });
    await expect(train({ ...base, model: "logistic", workers: 1, order })).rejects.toMatchObject({
      code: "BAD_ORDER",
      exitCode: 2,
      message:
        'Cannot replay the order: the model must be that of the recorded run, whose weight 1 is 6x128 (got "6x4")',
    });
  });
});

describe("--delay", () => {
  it("makes one worker's gradients stale, and those alone", async () => {
    // Worker 0 is slow enough not to be done before worker 1 has begun.
    const delay = [
      { rank: 0, ms: 1, law: "constant" },
      { rank: 1, ms: 40, law: "exponential" },
    ] as const;
    const { summary } = await run({ mode: "hogwild", workers: 2, maxUpdates: 1000, delay });
    // Worker 1 sleeps through most of worker 0's updates.
    expect(summary.staleness.max).toBeGreaterThan(10);
    expect(summary.staleness.p50).toBeLessThanOrEqual(1);
  });
});

describe("a model that draws random numbers", () => {
  const { dense, dropout } = layers.layers;
  const model = () =>
    layers.sequential({
      layers: [
        dense({
          units: 8,
          inputShape: [6],
          kernelInitializer: layers.initializers.glorotNormal({ seed: 3 }),
        }),
        dropout({ rate: 0.5 }),
        dense({ units: 4, kernelInitializer: "zeros" }),
      ],
    });
  const options = { ...base, mode: "round-robin", simulateWorkers: 3 } as const;

  it("gives the same bits on 1 and 3 threads, and others with another seed", async () => {
    const weights = async (workers: number, seed = 1) => {
      const own = model();
      await train({ ...options, model: own, workers, seed });
      return readWeights(own).flat;
    };
    const [one, three, other] = await Promise.all([weights(1), weights(3), weights(1, 2)]);
    expect(three).toEqual(one);
    expect(other).not.toEqual(one);
  });
});
