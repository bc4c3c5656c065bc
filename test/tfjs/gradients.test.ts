import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { interpret, interpretedKernels } from "../../src/graph/interpreter.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { tracedKernels } from "../../src/tfjs/traced-kernels.ts";
import {
  expectAgreement,
  expectSameAsTensorflow,
  interpreterResult,
  randomTensor,
  type Subject,
  tensorflowResult,
  traced,
} from "./agreement.ts";

const float = (...shape: number[]) => ({ shape, dtype: "float32" as const });

test("the interpreter knows every kernel that a trace records", () => {
  // Identity is never recorded.
  const recorded = [...tracedKernels.keys()].filter((name) => name !== "Identity");
  expect([...interpretedKernels].sort()).toEqual(recorded.sort());
});

/** A model that multiplies its image, element by element, with a variable of the same shape. */
function masked(
  shape: number[],
  head: (x: tf.Tensor) => tf.Tensor,
  variable: tf.Variable,
  labels: number[],
): Subject {
  return {
    model: (x) => head(tf.mul(x, variable)),
    variables: [variable],
    loss: "meanSquaredError",
    features: [float(...shape)],
    labels: [float(...labels)],
    batchSize: 2,
  };
}

describe("max-pooling of equal elements gives the gradient to the same element as TensorFlow.js", () => {
  for (const [size, strides, pad, out] of [
    [2, 2, "valid", 2],
    [3, 2, "same", 3],
    [3, 1, "same", 5],
  ] as const) {
    test(`size ${size}, stride ${strides}, ${pad} padding`, () => {
      const variable = tf.variable(tf.ones([5, 5, 1]));
      const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, size, strides, pad);
      const subject = masked([5, 5, 1], pool, variable, [out, out, 1]);
      // Two columns of ones and a background of zeros, as in an image of a digit: ties everywhere.
      const features = tf.tile(tf.tensor([0, 1, 1, 0, 0], [1, 1, 5, 1]), [2, 5, 1, 1]);
      const labels = randomTensor(float(2, out, out, 1), 4);
      const minibatch = { features: [features], labels: [labels] };
      expectAgreement(interpreterResult(subject, minibatch), tensorflowResult(subject, minibatch));
      tf.dispose([variable, features, labels]);
    });
  }
});

describe("the gradient is the slope of the loss, also where the cpu backend of TensorFlow.js is wrong", () => {
  const heads: Record<string, readonly [(x: tf.Tensor) => tf.Tensor, number[], number[]?]> = {
    "average pooling with padding": [(x) => tf.avgPool(x as tf.Tensor4D, 3, 2, "same"), [2, 2, 1]],
    "nearest resizing of several images": [
      (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [5, 7]),
      [5, 7, 1],
    ],
    "bilinear resizing": [(x) => tf.image.resizeBilinear(x as tf.Tensor4D, [5, 3]), [5, 3, 1]],
    "max-pooling of volumes": [
      (x) => tf.maxPool3d(x as tf.Tensor5D, [2, 1, 2], [1, 2, 2], "valid"),
      [2, 2, 1, 2],
      [3, 3, 2, 2],
    ],
    "average pooling of volumes with padding": [
      (x) => tf.avgPool3d(x as tf.Tensor5D, 2, 1, "same"),
      [3, 3, 2, 2],
      [3, 3, 2, 2],
    ],
  };
  for (const [name, [head, labelShape, shape = [4, 4, 1]]] of Object.entries(heads)) {
    test(name, () => {
      const variable = tf.variable(tf.ones(shape));
      const subject = masked(shape, head, variable, labelShape);
      const graph = traced(subject);
      const features = randomTensor(float(2, ...shape), 1).dataSync();
      const labels = randomTensor(float(2, ...labelShape), 2).dataSync();
      const run = (parameters: Float32Array) =>
        interpret(graph, { features: [features], labels: [labels], parameters });
      const at = new Float32Array(variable.size).fill(1);
      const { gradients } = run(at);
      // The loss is quadratic, so the central difference is exact but for the rounding of float64.
      const step = 2 ** -10;
      for (const i of at.keys()) {
        const slope = (run(at.with(i, 1 + step)).loss - run(at.with(i, 1 - step)).loss) / (2 * step);
        expect(gradients[i]).toBeCloseTo(slope, 6);
      }
      variable.dispose();
    });
  }
});

describe("for any shape, the interpreter has the gradients of TensorFlow.js", () => {
  const size = fc.integer({ min: 1, max: 4 });
  const initializer = (seed: number) => layers.initializers.randomNormal({ seed, stddev: 0.5 });

  test("dense networks", () => {
    fc.assert(
      fc.property(
        size,
        fc.array(size, { maxLength: 3 }),
        size,
        size,
        (inputs, hidden, outputs, batchSize) => {
          const model = layers.sequential({ layers: [layers.layers.inputLayer({ inputShape: [inputs] })] });
          for (const [i, units] of [...hidden, outputs].entries()) {
            model.add(
              layers.layers.dense({
                units,
                activation: i < hidden.length ? "tanh" : "linear",
                kernelInitializer: initializer(i + 1),
              }),
            );
          }
          expectSameAsTensorflow({
            model,
            loss: "meanSquaredError",
            features: [float(inputs)],
            labels: [float(outputs)],
            batchSize,
          });
          model.dispose();
        },
      ),
      { numRuns: 30 },
    );
  });

  test("convolutions and max-pooling", () => {
    const pair = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
    const side = fc.integer({ min: 5, max: 8 });
    fc.assert(
      fc.property(
        fc.record({
          height: side,
          width: side,
          channels: size,
          filters: size,
          kernelSize: pair,
          strides: pair,
        }),
        fc.constantFrom("same" as const, "valid" as const),
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        ({ height, width, channels, filters, kernelSize, strides }, padding, depthwise, batchSize) => {
          const { conv2d, depthwiseConv2d, maxPooling2d, flatten, dense } = layers.layers;
          const common = { kernelSize, strides, padding, inputShape: [height, width, channels] };
          const model = layers.sequential({
            layers: [
              depthwise
                ? // TF.js has no gradient for depthwise strides that differ.
                  depthwiseConv2d({
                    ...common,
                    strides: strides[0],
                    depthMultiplier: filters,
                    depthwiseInitializer: initializer(1),
                  })
                : conv2d({ ...common, filters, kernelInitializer: initializer(1) }),
              maxPooling2d({ poolSize: 2, strides: 1, padding: "same" }),
              flatten(),
              dense({ units: 2, kernelInitializer: initializer(2) }),
            ],
          });
          const features = [float(height, width, channels)];
          expectSameAsTensorflow({
            model,
            loss: "meanSquaredError",
            features,
            labels: [float(2)],
            batchSize,
          });
          model.dispose();
        },
      ),
      { numRuns: 40 },
    );
  });
});
