import { describe, expect, it } from "vitest";
import { batchPlace } from "../../src/data/batch-sizes.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { fillMinibatch } from "../../src/data/minibatch.ts";
import { compile } from "../../src/engine/compile.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import { plainKernels } from "../../src/kernels/plain.ts";
import { createRandom } from "../../src/math/random.ts";
import { buildModel } from "../../src/tfjs/models/build-model.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { train } from "../../src/train.ts";
import { meterMomentum, newMomentumMeter } from "../../src/tuner/momentum-meter.ts";
import { YellowFin } from "../../src/yellowfin/yellowfin.ts";
import { blobs } from "../train/tiny.ts";

describe("YellowFin", () => {
  it.each(["corrected", "feedback", "none"] as const)(
    "gives the bits of a run with one worker: %s loop",
    async (loop) => {
      const [batchSize, updates, seed] = [16, 150, 1];
      const examples = blobs(512, 1);
      const run = await train({
        model: "mlp",
        data: { train: examples },
        workers: 1,
        optimizer: "yellowfin",
        averaging: false,
        batchSize,
        maxUpdates: updates,
        seed,
        loop,
      });

      const dataset = fromArrays(examples);
      const model = buildModel("mlp", { inputShape: [6], classes: 4, seed });
      const parameters = readWeights(model).flat;
      const { features, labels } = dataset;
      const graph = trace({
        model,
        loss: "sparseSoftmaxCrossEntropy",
        features,
        labels,
        batchSize,
        training: true,
      });
      const engine = await openEngine(compile(graph, "ort"), { seed, lowMemory: false });
      const optimizer = new YellowFin({ length: parameters.length, loop, seed });
      const bytes = new Uint8Array(0);
      for (let update = 0; update < updates; update++) {
        const { first, size } = batchPlace(update, batchSize, "none", seed);
        engine.buffers.parameters.set(parameters);
        fillMinibatch(
          dataset,
          first,
          size,
          seed,
          plainKernels(),
          bytes,
          engine.buffers.features,
          engine.buffers.labels,
        );
        const loss = await engine.run();
        optimizer.update(parameters, engine.buffers.gradient, loss);
      }
      await engine.dispose();
      expect(parameters).toEqual(readWeights(run.model).flat);
    },
  );

  it.each(["float32", "float64"] as const)("finds the minimum of a noisy quadratic in %s", (precision) => {
    const random = createRandom(7);
    const curvature = [0.1, 0.5, 1, 2];
    const vector = (values: number[]) =>
      precision === "float32" ? Float32Array.from(values) : Float64Array.from(values);
    const parameters = vector([1, -1, 1, -1]);
    const optimizer = new YellowFin({ length: 4, precision });
    for (let t = 0; t < 3000; t++) {
      const gradient = vector(curvature.map((h, i) => h * parameters[i] + 0.1 * (random() - 0.5)));
      const loss = curvature.reduce((sum, h, i) => sum + (h * parameters[i] ** 2) / 2, 0);
      optimizer.update(parameters, gradient, loss);
    }
    expect(Math.hypot(...parameters)).toBeLessThan(0.1);
    expect(optimizer.updates).toBe(3000);
  });

  it("measures the momentum that it applies, to 1e-10 in float64", () => {
    const random = createRandom(2);
    const parameters = Float64Array.of(1, 2, 3);
    const optimizer = new YellowFin({ length: 3, precision: "float64", loop: "none" });
    const meter = newMomentumMeter();
    let expected = Number.NaN;
    for (let t = 0; t < 400; t++) {
      const gradient = parameters.map((x) => x + 0.3 * (random() - 0.5));
      const report = optimizer.update(parameters, gradient);
      // What is reported is the average of what the updates before this one revealed.
      if (t >= 2) expect(Math.abs((report?.totalMomentum as number) - expected)).toBeLessThan(1e-10);
      else expect(report?.totalMomentum).toBeNaN();
      // The step out of the first iterate has none before it to compare with.
      if (t >= 1) expected = meterMomentum(meter, report?.momentum as number);
    }
    expect(expected).toBeGreaterThan(0.01);
  });

  it("skips and counts what is not finite, without a trace in parameters or state", () => {
    const [with_, without] = [new YellowFin({ length: 2 }), new YellowFin({ length: 2 })];
    const [a, b] = [Float32Array.of(1, -2), Float32Array.of(1, -2)];
    for (let t = 0; t < 50; t++) {
      expect(with_.update(a, Float32Array.of(Number.NaN, 1))).toBeNull();
      expect(with_.update(a, Float32Array.of(1, 1), Number.POSITIVE_INFINITY)).toBeNull();
      with_.update(a, a.slice());
      without.update(b, b.slice());
    }
    expect(a).toEqual(b);
    expect([with_.skipped, with_.updates]).toEqual([100, 50]);
  });

  it("refuses vectors of another length or precision", () => {
    const optimizer = new YellowFin({ length: 2 });
    expect(() => optimizer.update(new Float32Array(3), new Float32Array(3))).toThrow(RangeError);
    expect(() => optimizer.update(new Float64Array(2), new Float64Array(2))).toThrow(
      new TypeError('Cannot update with YellowFin: parameters must be a Float32Array (got "Float64Array")'),
    );
    expect(() => new YellowFin({ length: 0 })).toThrow(
      "Cannot create a YellowFin: length must be an integer ≥ 1 (got 0)",
    );
  });
});
