/** Convolutions of any size, stride and padding; stacked, side by side, and with the pools that change their form. */
import { layers, tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float, network } from "../conformance-case.ts";
import { rows } from "../draw.ts";

const { conv2d, dense, flatten, maxPooling2d, conv1d, conv2dTranspose } = layers.layers;

const size = (numbers: readonly number[]) => numbers.join("×");

/** Random convolutions on random images; `stride` 1 takes the Toeplitz form, other strides the native one. */
const single = (strides: readonly number[]) =>
  rows<ConformanceCase>(18, ({ integer, pick }, seed) => {
    const image = [integer(5, 11), integer(5, 11), pick([1, 2, 5])];
    const kernel: [number, number] = [integer(1, 5), integer(1, 5)];
    const stride: [number, number] = [pick(strides), pick(strides)];
    const filters = pick([1, 2, 7]);
    const padding = pick(["same", "valid"] as const);
    const useBias = pick([true, false]);
    const batchSize = pick([1, 2, 5]);
    const activation = pick(["linear", "relu", "elu", "sigmoid"] as const);
    return {
      name: [
        `conv2d ${size(kernel)} to ${filters} filters of ${batchSize} images ${size(image)}`,
        `stride ${stride} of ${strides}, ${padding}, ${activation}, ${useBias ? "" : "no "}bias (${seed})`,
      ].join(", "),
      make: () =>
        network(float(...image), batchSize, [
          // A first layer, so that the gradient with respect to the image is needed too.
          conv2d({ filters: image[2], kernelSize: 1 }),
          conv2d({ filters, kernelSize: kernel, strides: stride, padding, useBias, activation }),
        ]),
    };
  });

const beforePool = rows<ConformanceCase>(16, ({ integer, pick }, seed) => {
  const padding = pick(["same", "valid"] as const);
  const kernel = integer(1, 4);
  const useBias = pick([true, false]);
  // Even output sizes: what a 2×2 pool needs for the form in phases.
  const side = () => 2 * integer(1, 4) + (padding === "valid" ? kernel - 1 : 0);
  const image = [side(), side(), pick([1, 3])];
  const filters = pick([1, 4]);
  const poolPadding = pick(["same", "valid"] as const);
  const integers = seed % 2 === 0;
  return {
    name: [
      `conv2d ${kernel}×${kernel} ${padding} of ${size(image)} to ${filters} before a 2×2 pool`,
      `${useBias ? "" : "no "}bias${integers ? ", with ties" : ""} (${seed})`,
    ].join(", "),
    integers,
    make: () =>
      network(float(...image), 3, [
        conv2d({ filters: image[2], kernelSize: 1 }),
        conv2d({ filters, kernelSize: kernel, padding, useBias }),
        maxPooling2d({ poolSize: 2, padding: poolPadding }),
      ]),
  };
});

const stacked = rows<ConformanceCase>(6, ({ integer, pick }, seed) => {
  const parts = Array.from({ length: 3 }, () => ({
    filters: integer(1, 5),
    kernelSize: integer(1, 3),
    strides: pick([1, 1, 2]),
    padding: pick(["same", "valid"] as const),
    activation: pick(["relu", "linear", "tanh"] as const),
  }));
  const image = [integer(13, 16), integer(13, 16), integer(1, 3)];
  return {
    name: `three stacked convolutions of ${size(image)} (${seed})`,
    make: () =>
      network(float(...image), 2, [...parts.map((part) => conv2d(part)), flatten(), dense({ units: 3 })]),
  };
});

const variable = (...shape: number[]) => tf.variable(tf.zeros(shape));

/** A function of an image and some filters. */
function ofFilters(
  name: string,
  image: [number, number, number],
  shapes: number[][],
  head: (x: tf.Tensor4D, filters: tf.Tensor4D[]) => tf.Tensor,
): ConformanceCase {
  return {
    name,
    make: () => {
      const variables = shapes.map((shape) => variable(...shape));
      const outputs = tf.tidy(
        () => head(tf.zeros([2, ...image]), variables as unknown as tf.Tensor4D[]).shape,
      );
      return {
        model: (x) => head(x as tf.Tensor4D, variables as unknown as tf.Tensor4D[]),
        variables,
        loss: "meanSquaredError",
        features: [float(...image)],
        labels: [float(...outputs.slice(1))],
        batchSize: 2,
      };
    },
  };
}

const sum = (x: tf.Tensor) => tf.sum(x, [1, 2]);

export const convolutionCases: readonly ConformanceCase[] = [
  ...single([1]),
  ...single([1, 2, 3]),
  ...beforePool,
  ...stacked,
  {
    name: "conv1d",
    make: () => network(float(9, 2), 3, [conv1d({ filters: 4, kernelSize: 3, strides: 2 }), flatten()]),
  },
  {
    name: "conv2dTranspose",
    make: () =>
      network(float(4, 3, 2), 2, [
        conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: "same" }),
        flatten(),
        dense({ units: 2 }),
      ]),
  },
  {
    name: "a convolution with many channels",
    make: () =>
      network(float(6, 5, 24), 2, [
        conv2d({ filters: 32, kernelSize: 3, padding: "same" }),
        conv2d({ filters: 4, kernelSize: 3 }),
      ]),
  },
  ...[2, 3].flatMap((dilation) =>
    (["same", "valid"] as const).map((pad) =>
      // TF.js has no gradient for a dilated filter, so only what is around it is trained.
      ofFilters(`a convolution with dilation ${dilation}, ${pad}`, [9, 8, 2], [[3]], (x, [scale]) => {
        const filter = tf.tensor4d(
          Array.from({ length: 36 }, (_, i) => Math.sin(i)),
          [3, 2, 2, 3],
        );
        return tf.mul(tf.conv2d(x, filter, 1, pad, "NHWC", dilation), scale);
      }),
    ),
  ),
  ofFilters("explicit padding", [6, 5, 2], [[3, 2, 2, 3]], (x, [filter]) =>
    tf.conv2d(x, filter, 1, [
      [0, 0],
      [2, 0],
      [1, 2],
      [0, 0],
    ]),
  ),
  ofFilters("padding by a number, with a stride", [7, 7, 2], [[3, 3, 2, 3]], (x, [filter]) =>
    tf.conv2d(x, filter, 2, 1, "NHWC", 1, "floor"),
  ),
  // Valid convolutions read the same padded image; their windows differ all the same.
  ...[
    [
      [1, 1],
      [2, 1],
      [3, 1],
    ],
    [
      [1, 2],
      [2, 2],
      [4, 2],
    ],
    [
      [3, 3],
      [5, 3],
      [3, 5],
    ],
  ].map((kernels) =>
    ofFilters(
      `filters ${kernels.map((kernel) => kernel.join("×")).join(", ")} side by side on one image`,
      [8, 9, 1],
      kernels.map((kernel) => [...kernel, 1, 8]),
      (x, filters) =>
        filters
          .map((filter) => sum(tf.conv2d(x, filter, 1, "valid")))
          .reduce<tf.Tensor>((total, part) => tf.add(total, part), tf.scalar(0)),
    ),
  ),
  ofFilters("one filter on two images of different sizes", [6, 6, 2], [[3, 3, 2, 2]], (x, [filter]) =>
    tf.add(
      sum(tf.conv2d(x, filter, 1, "same")),
      sum(tf.conv2d(tf.slice(x, [0, 1, 0, 0], [-1, 4, 5, -1]), filter, 1, "valid")),
    ),
  ),
  ofFilters("a convolution that a pool and something else read", [6, 6, 2], [[3, 3, 2, 2]], (x, [filter]) => {
    const y = tf.conv2d(x, filter, 1, "same");
    return tf.add(sum(tf.maxPool(y, 2, 2, "valid")), sum(tf.square(y)));
  }),
  ofFilters(
    "a convolution that two pools read",
    [6, 6, 2],
    [
      [1, 1, 2, 2],
      [3, 3, 2, 2],
    ],
    (x, [first, second]) => {
      const y = tf.conv2d(tf.conv2d(x, first, 1, "same"), second, 1, "same");
      return tf.add(tf.maxPool(y, 2, 2, "valid"), tf.square(tf.maxPool(y, 2, 2, "same")));
    },
  ),
];
