/** Normalizing layers and kernels. */
import { layers, tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float, network } from "../conformance-case.ts";
import { operation } from "./operation.ts";

const l = layers.layers;

const batchNorm = (
  name: string,
  shape: number[],
  options: Parameters<typeof l.batchNormalization>[0],
): ConformanceCase => ({
  name: `batch normalization of ${name}`,
  make: () =>
    network(float(...shape), 5, [
      l.dense({ units: 3 }),
      l.batchNormalization(options),
      ...(shape.length > 1 ? [l.flatten()] : []),
      l.dense({ units: 2 }),
    ]),
});

/** Mean, variance, offset and scale. */
const given = [
  [1, 2, 3],
  [0.5, 1, 2],
  [0, -1, 1],
  [2, 1, -1],
] as [number[], number[], number[], number[]];

// TF.js cannot train batch or layer normalization without scale or center, nor along another axis than the last.
export const normalizationCases: readonly ConformanceCase[] = [
  batchNorm("vectors", [4], {}),
  batchNorm("sequences", [6, 2], {}),
  batchNorm("images", [3, 4, 2], {}),
  batchNorm("images, with a large epsilon", [3, 4, 2], { epsilon: 0.1 }),
  {
    name: "batch normalization between convolutions",
    make: () =>
      network(float(6, 6, 2), 3, [
        l.conv2d({ filters: 3, kernelSize: 3, padding: "same", useBias: false }),
        l.batchNormalization(),
        l.activation({ activation: "relu" }),
        l.conv2d({ filters: 2, kernelSize: 3, strides: 2 }),
        l.batchNormalization(),
      ]),
  },
  {
    name: "batch normalization of so many channels that their moving statistics are as if filled",
    make: () => network(float(3), 4, [l.dense({ units: 80 }), l.batchNormalization(), l.dense({ units: 2 })]),
  },
  {
    name: "one batch normalization at two places: the second sees what the first has assigned",
    make: () => {
      const input = layers.input({ shape: [4] });
      const shared = l.batchNormalization({ momentum: 0.5 });
      const once = shared.apply(l.dense({ units: 4 }).apply(input)) as layers.SymbolicTensor;
      const twice = shared.apply(l.dense({ units: 4 }).apply(once)) as layers.SymbolicTensor;
      const model = layers.model({ inputs: input, outputs: twice });
      return { model, loss: "meanSquaredError", features: [float(4)], labels: [float(4)], batchSize: 5 };
    },
  },
  {
    name: "layer normalization of images",
    make: () =>
      network(float(3, 4, 2), 2, [l.dense({ units: 4 }), l.layerNormalization(), l.dense({ units: 2 })]),
  },
  {
    name: "layer normalization along two axes",
    make: () =>
      network(float(3, 4), 2, [l.dense({ units: 4 }), l.layerNormalization({ axis: [1, 2] }), l.flatten()]),
  },
  operation("batch normalization with given moments", [2, 3], (x) => {
    const [mean, variance, offset, scale] = given.map((numbers) => tf.tensor1d(numbers));
    return tf.batchNorm(x as tf.Tensor3D, mean, variance, offset, scale);
  }),
  ...[1, 2, 9].map((radius) =>
    operation(`normalization by channels at most ${radius} away`, [2, 3, 6], (x) =>
      tf.localResponseNormalization(x as tf.Tensor4D, radius, 1, 0.3, 0.75),
    ),
  ),
];
