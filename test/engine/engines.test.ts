import { test as anyTest, describe, expect } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import type { EngineName, GradientEngine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import type { Device } from "../../src/ort/device.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { hasAdapter, needsAdapter } from "./adapter.ts";
import { hasTensorflow, needsTensorflow } from "./tensorflow.ts";

interface Subject {
  readonly name: EngineName;
  readonly device: Device;
  readonly title: string;
  readonly isHere: boolean;
}

const engines: readonly Subject[] = [
  { name: "ort", device: "cpu", title: "ort", isHere: true },
  { name: "ort", device: "webgpu", title: `ort on webgpu (${needsAdapter})`, isHere: hasAdapter },
  { name: "tfjs", device: "cpu", title: "tfjs", isHere: true },
  { name: "tensorflow", device: "cpu", title: `tensorflow (${needsTensorflow})`, isHere: hasTensorflow },
  { name: "reference", device: "cpu", title: "reference", isHere: true },
];

// y = x·w + b with w = [2, −1], b = 3, and the loss (y₀ − l₀)²/2 + (y₁ − l₁)²/2 over two examples.
function linear(training: boolean) {
  const kernelInitializer = layers.initializers.zeros();
  const model = layers.sequential({
    layers: [layers.layers.dense({ name: "line", inputShape: [2], units: 1, kernelInitializer })],
  });
  const graph = trace({
    model,
    loss: "meanSquaredError",
    features: [{ shape: [2], dtype: "float32" }],
    labels: [{ shape: [1], dtype: "float32" }],
    batchSize: 2,
    training,
  });
  const { names } = readWeights(model);
  model.dispose();
  return { graph, names };
}

interface Minibatch {
  readonly features: number[];
  readonly labels: number[];
  readonly loss: number;
  /** dL/dw₀, dL/dw₁, dL/db. */
  readonly gradient: number[];
  readonly predictions: number[];
}

const minibatches: readonly Minibatch[] = [
  {
    features: [1, 0, 0, 1],
    labels: [4, 3],
    // y = [5, 2], errors 1 and −1; dL/dw = Σ error·x with 2/2 in front.
    predictions: [5, 2],
    loss: 1,
    gradient: [1, -1, 0],
  },
  {
    features: [1, 1, 2, -1],
    labels: [4, 4],
    // y = [4, 8], errors 0 and 4: 16/2, 4·[2, −1], 4
    predictions: [4, 8],
    loss: 8,
    gradient: [8, -4, 4],
  },
];

function fill(engine: GradientEngine, { features, labels }: Minibatch) {
  engine.buffers.features[0].set(features);
  engine.buffers.labels[0].set(labels);
  engine.buffers.parameters.set([2, -1, 3]);
}

async function opened<T>(
  { device, name }: Pick<Subject, "device" | "name">,
  training: boolean,
  use: (engine: GradientEngine) => Promise<T>,
): Promise<T> {
  const engine = await openEngine(compile(linear(training).graph, name, device), {
    seed: 1,
    lowMemory: false,
  });
  try {
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}

describe.each(engines)("the engine $title", ({ device, isHere, name }) => {
  const test = anyTest.skipIf(!isHere);

  test("allocates every buffer when it opens and keeps it", () =>
    opened({ device, name }, true, async (engine) => {
      const buffers = () => [
        ...engine.buffers.features,
        ...engine.buffers.labels,
        engine.buffers.parameters,
        engine.buffers.gradient,
      ];
      const before = buffers();
      expect(before.map(({ length }) => length)).toEqual([4, 2, 3, 3]);
      expect(engine.buffers.predictions.length).toBe(0);
      const memory = before.map(({ buffer }) => buffer);
      for (const minibatch of minibatches) {
        fill(engine, minibatch);
        await engine.run();
      }
      for (const [i, buffer] of buffers().entries()) {
        expect(buffer).toBe(before[i]);
        expect(buffer.buffer).toBe(memory[i]);
        // A native runtime writes into it: nothing may move or detach it.
        expect(buffer.buffer).toBeInstanceOf(SharedArrayBuffer);
      }
    }));

  test("gives each of two minibatches in turn its own loss and gradient", () =>
    opened({ device, name }, true, async (engine) => {
      for (const minibatch of [...minibatches, ...minibatches.toReversed()]) {
        fill(engine, minibatch);
        expect(await engine.run()).toBe(minibatch.loss);
        expect([...engine.buffers.gradient]).toEqual(minibatch.gradient);
      }
    }));

  test("computes at the parameters that it has now and leaves its inputs alone", () =>
    opened({ device, name }, true, async (engine) => {
      const [minibatch] = minibatches;
      fill(engine, minibatch);
      await engine.run();
      engine.buffers.parameters.set([2, -1, 4]);
      // y = [6, 3], errors 2 and 0
      expect(await engine.run()).toBe(2);
      expect([...engine.buffers.gradient]).toEqual([2, 0, 2]);
      expect([...engine.buffers.parameters]).toEqual([2, -1, 4]);
      expect([...engine.buffers.features[0]]).toEqual(minibatch.features);
      expect([...engine.buffers.labels[0]]).toEqual(minibatch.labels);
    }));

  test("gives loss and predictions, and no gradient, in an evaluation", () =>
    opened({ device, name }, false, async (engine) => {
      expect(engine.program.training).toBe(false);
      expect(engine.buffers.gradient.length).toBe(0);
      const [predictions] = engine.buffers.predictions;
      for (const minibatch of minibatches) {
        fill(engine, minibatch);
        expect(await engine.run()).toBe(minibatch.loss);
        expect([...predictions]).toEqual(minibatch.predictions);
      }
      expect(engine.buffers.predictions[0]).toBe(predictions);
    }));

  test("names its parameters as the model does, in slices without gaps", () =>
    opened({ device, name }, true, async ({ program }) => {
      expect(program.parameters.map((parameter) => parameter.name)).toEqual(linear(true).names);
      expect(program.parameters).toMatchObject([
        { name: "line/kernel", offset: 0, length: 2 },
        { name: "line/bias", offset: 2, length: 1 },
      ]);
      expect(program.parameterShapes).toEqual([[2, 1], [1]]);
      expect(program.parameterCount).toBe(3);
      expect(program).toMatchObject({
        engine: name,
        batchSize: 2,
        training: true,
        features: [{ shape: [2, 2], dtype: "float32" }],
        labels: [{ shape: [2, 1], dtype: "float32" }],
        predictions: [{ shape: [2, 1], dtype: "float32" }],
      });
    }));

  test("takes class indices as integers", async () => {
    const weight = tf.variable(tf.zeros([2, 2]));
    const graph = trace({
      model: (x) => tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D),
      variables: [weight],
      loss: "sparseSoftmaxCrossEntropy",
      features: [{ shape: [2], dtype: "float32" }],
      labels: [{ shape: [], dtype: "int32" }],
      batchSize: 1,
      training: true,
    });
    weight.dispose();
    const engine = await openEngine(compile(graph, name, device), { seed: 1, lowMemory: false });
    expect(engine.buffers.labels[0]).toBeInstanceOf(Int32Array);
    engine.buffers.features[0].set([1, 0]);
    engine.buffers.labels[0].set([1]);
    // Two equal logits: loss ln 2, gradient x·(p − one-hot) = [½, −½] in the row of x₀.
    expect(await engine.run()).toBeCloseTo(Math.LN2, 6);
    expect([...engine.buffers.gradient]).toEqual([0.5, -0.5, 0, 0]);
    await engine.dispose();
  });

  test("may be opened many times from one program, each with buffers of its own", async () => {
    const program = compile(linear(true).graph, name, device);
    // What a worker thread receives is a structured clone.
    const [first, second] = await Promise.all([
      openEngine(program, { seed: 1, lowMemory: false }),
      openEngine(structuredClone(program), { seed: 1, lowMemory: false }),
    ]);
    fill(first, minibatches[0]);
    fill(second, minibatches[1]);
    expect([await first.run(), await second.run()]).toEqual([1, 8]);
    expect([...first.buffers.gradient]).toEqual(minibatches[0].gradient);
    expect([...second.buffers.gradient]).toEqual(minibatches[1].gradient);
    await first.dispose();
    // The other one still works.
    fill(second, minibatches[0]);
    expect(await second.run()).toBe(1);
    await second.dispose();
  });

  test("may be disposed of twice", async () => {
    const engine = await openEngine(compile(linear(true).graph, name, device), { seed: 1, lowMemory: false });
    await engine.dispose();
    await expect(engine.dispose()).resolves.toBeUndefined();
  });

  test("draws by seed and stream: the same numbers for the same, others for another", async () => {
    const model = layers.sequential({
      layers: [
        layers.layers.dropout({ rate: 0.5, inputShape: [64] }),
        layers.layers.dense({ units: 1, kernelInitializer: "ones" }),
      ],
    });
    const type = (size: number) => [{ shape: [size], dtype: "float32" }] as const;
    const traced = { model, loss: "meanSquaredError", features: type(64), labels: type(1) } as const;
    const program = compile(trace({ ...traced, batchSize: 2, training: true }), name, device);
    const losses = async (seed: number) => {
      const engine = await openEngine(program, { seed, lowMemory: true });
      engine.buffers.features[0].set(Float32Array.from({ length: 128 }, (_, i) => i));
      engine.buffers.parameters.fill(1);
      const drawn = [await engine.run(7), await engine.run(8), await engine.run(7)];
      await engine.dispose();
      return drawn;
    };
    const [first, second, again] = await losses(1);
    expect(first).not.toBe(second);
    expect(again).toBe(first);
    expect(await losses(1)).toEqual([first, second, first]);
    expect(await losses(2)).not.toContain(first);
  });
});
