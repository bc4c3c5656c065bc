import { describe, expect, test } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import type { EngineName, GradientEngine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import { tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { around, drawing, randomLayers, randomSubjects } from "./cases/random.ts";
import type { ConformanceSubject } from "./conformance-case.ts";
import { expectConformance } from "./expect-conformance.ts";

async function withEngine<T>(
  subject: ConformanceSubject,
  use: (engine: GradientEngine) => Promise<T>,
  training = true,
  name: EngineName = "ort",
): Promise<T> {
  const engine = await openEngine(compile(trace({ ...subject, training }), name), {
    seed: 1,
    lowMemory: false,
  });
  try {
    engine.buffers.features[0].fill(1);
    engine.buffers.parameters.fill(1);
    return await use(engine);
  } finally {
    await engine.dispose();
    tf.dispose([...(subject.variables ?? [])]);
  }
}

/** What the factors of a `drawing` were in one run: the gradient of a sum of products. */
const factors = async (engine: GradientEngine, stream = 0) => {
  await engine.run(stream);
  return [...engine.buffers.gradient];
};

const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const deviation = (numbers: number[]) => {
  const center = mean(numbers);
  return Math.sqrt(mean(numbers.map((x) => (x - center) ** 2)));
};

const size = 20_000;

describe("a random operator in onnxruntime", () => {
  test.each(Object.entries(randomSubjects))("draws what the interpreter draws: %s", async (_, make) => {
    const drawn = await withEngine(make(), (engine) => factors(engine, 3));
    expect(new Set(drawn).size).toBeGreaterThan(90);
    expect(await withEngine(make(), (engine) => factors(engine, 3), true, "reference")).toEqual(drawn);
  });

  test("has numbers of its own for every stream, other ones than its neighbour", async () => {
    const twice = drawing(size, (x) => {
      const draw = () => tf.randomUniform([1, size], 0, 1);
      return tf.add(tf.mul(x, draw()), tf.mul(x, tf.mul(draw(), -1)));
    });
    await withEngine(twice, async (engine) => {
      // A difference of two independent uniform numbers: deviation √(2/12) = 0.408; 0 if they were the same.
      const first = await factors(engine);
      expect(Math.abs(deviation(first) - 0.408)).toBeLessThan(0.02);
      expect(await factors(engine, 1)).not.toEqual(first);
      expect(await factors(engine, 0)).toEqual(first);
    });
  });
});

describe("dropout in onnxruntime", () => {
  test("keeps units with probability 1 − rate and scales them by 1/(1 − rate)", async () => {
    const subject = drawing(size, (x) => tf.dropout(x, 0.25));
    await withEngine(subject, async (engine) => {
      const mask = await factors(engine);
      const kept = mask.filter((x) => x !== 0);
      expect(kept.every((x) => Math.abs(x - 4 / 3) < 1e-6)).toBe(true);
      // √(0.25·0.75/20000) = 0.0031
      expect(Math.abs(kept.length / size - 0.75)).toBeLessThan(5 * 0.0031);
    });
  });

  test("has the same mask in the loss as in the gradient", async () => {
    const subject = drawing(
      200,
      (x) => tf.dropout(x, 0.5),
      (_, y) => tf.sum(tf.square(y)) as tf.Scalar,
    );
    await withEngine(subject, async (engine) => {
      const loss = await engine.run();
      // L = Σ (m·w)² at w = 1, dL/dw = 2m²: half the sum of the gradient is the loss.
      const half = engine.buffers.gradient.reduce((a, b) => a + b, 0) / 2;
      expect(Math.abs(half - loss)).toBeLessThanOrEqual(1e-4 * loss);
      expect(new Set(engine.buffers.gradient)).toEqual(new Set([0, 8]));
    });
  });

  test("of rate 0 is no dropout", () =>
    expectConformance({ name: "dropout of rate 0", make: () => around(randomLayers.dropout(0)) }, ["ort"]));
});

describe("in onnxruntime a layer that draws does so in training and not in an evaluation", () => {
  for (const [name, layer] of Object.entries(randomLayers)) {
    test(name, async () => {
      const subject = around(layer(0.4));
      const { model } = subject;
      if (typeof model === "function") return expect.unreachable();
      const { flat } = readWeights(model);
      const losses = (training: boolean) =>
        withEngine(
          subject,
          async (engine) => {
            engine.buffers.parameters.set(flat);
            return [await engine.run(0), await engine.run(1)];
          },
          training,
        );
      const [first, second] = await losses(true);
      expect(second).not.toBe(first);
      const [third, fourth] = await losses(false);
      expect(fourth).toBe(third);
      const output = model.predict(tf.ones([6, 4])) as tf.Tensor;
      // Labels are zero, so the loss is the mean square of the predictions.
      const expected = tf.mean(tf.square(output)).dataSync()[0];
      expect(Math.abs(third - expected)).toBeLessThanOrEqual(1e-4 * expected);
      model.dispose();
    });
  }
});
