/** Images whose channels fill blocks of ONNX Runtime's layout (8 or 16), and everything that they go through there. */
import { layers, tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float, network } from "../conformance-case.ts";
import { rows } from "../draw.ts";

const l = layers.layers;

/** Random convolutions to 16 or 32 channels, from as many or from few; batches that fill blocks, and others. */
const convolutions = rows<ConformanceCase>(20, ({ integer, pick }, seed) => {
  const channels = pick([1, 3, 16, 32]);
  const image = [integer(5, 9), integer(5, 9)];
  const kernel: [number, number] = [integer(1, 4), integer(1, 4)];
  const strides = pick([1, 1, 2, 3]);
  const padding = pick(["same", "valid"] as const);
  const filters = pick([16, 32]);
  const batchSize = pick([1, 3, 16]);
  const activation = pick(["linear", "relu", "tanh"] as const);
  const useBias = pick([true, false]);
  return {
    name: [
      `conv2d ${kernel.join("×")} of ${batchSize} images of ${image.join("×")}×${channels} to ${filters} channels`,
      `stride ${strides}, ${padding}, ${activation}, ${useBias ? "" : "no "}bias (${seed})`,
    ].join(", "),
    make: () =>
      network(float(...image, channels), batchSize, [
        l.conv2d({ filters: channels, kernelSize: 1, useBias: false }),
        l.conv2d({ filters, kernelSize: kernel, strides, padding, activation, useBias }),
        l.globalAveragePooling2d({}),
        l.dense({ units: 2 }),
      ]),
  };
});

const convolution = (filters = 16, strides = 1) =>
  l.conv2d({ filters, kernelSize: 3, strides, padding: "same", useBias: false });

/** conv, normalization, relu, conv, normalization, and what came in added: a block of a ResNet. */
function residual(batchSize: number, options: Parameters<typeof l.batchNormalization>[0] = {}) {
  const input = layers.input({ shape: [6, 6, 3] });
  const apply = (layer: layers.layers.Layer, x: layers.SymbolicTensor) =>
    layer.apply(x) as layers.SymbolicTensor;
  const first = apply(l.reLU(), apply(l.batchNormalization(options), apply(convolution(), input)));
  const second = apply(l.reLU(), apply(l.batchNormalization(options), apply(convolution(), first)));
  const third = apply(l.batchNormalization(options), apply(convolution(), second));
  const sum = apply(l.reLU(), l.add().apply([third, first]) as layers.SymbolicTensor);
  const outputs = apply(l.dense({ units: 2 }), apply(l.globalAveragePooling2d({}), sum));
  return {
    model: layers.model({ inputs: input, outputs }),
    loss: "meanSquaredError",
    features: [float(6, 6, 3)],
    labels: [float(2)],
    batchSize,
  } as const;
}

/** What a formula is made of: images of 16 channels, by convolutions, and a number per channel. */
interface Parts {
  readonly x: tf.Tensor4D;
  readonly other: tf.Tensor4D;
  readonly numbers: tf.Tensor1D;
}

/** A function of some parts. */
function formula(
  name: string,
  parts: readonly (keyof Parts)[],
  head: (parts: Parts) => tf.Tensor,
): ConformanceCase {
  return {
    name,
    make: () => {
      const variables = {
        x: tf.variable(tf.zeros([3, 3, 2, 16])),
        other: tf.variable(tf.zeros([1, 1, 2, 16])),
        numbers: tf.variable(tf.zeros([16])),
      };
      const image = (input: tf.Tensor, filter: tf.Tensor) =>
        tf.conv2d(input as tf.Tensor4D, filter as tf.Tensor4D, 1, "same");
      const model = (input: tf.Tensor) =>
        head({
          x: image(input, variables.x),
          other: image(input, variables.other),
          numbers: variables.numbers as unknown as tf.Tensor1D,
        });
      const outputs = tf.tidy(() => model(tf.zeros([3, 5, 4, 2])).shape);
      return {
        model,
        variables: parts.map((part) => variables[part]),
        loss: "meanSquaredError",
        features: [float(5, 4, 2)],
        labels: [float(...outputs.slice(1))],
        batchSize: 3,
      };
    },
  };
}

export const blockedCases: readonly ConformanceCase[] = [
  ...convolutions,
  { name: "a block of a ResNet, a batch that fills a block", make: () => residual(16) },
  { name: "a block of a ResNet, three images", make: () => residual(3) },
  { name: "a block of a ResNet with a large epsilon", make: () => residual(4, { epsilon: 0.1 }) },
  {
    name: "from 16 channels to 32 with stride 2, to a pool and dense layers",
    make: () =>
      network(float(8, 8, 1), 4, [
        convolution(16),
        l.reLU(),
        convolution(32, 2),
        l.maxPooling2d({ poolSize: 2 }),
        l.flatten(),
        l.dense({ units: 3 }),
      ]),
  },
  {
    name: "through layers that know nothing of blocks and back",
    make: () =>
      network(float(6, 6, 1), 2, [
        convolution(16),
        l.zeroPadding2d({ padding: [1, 2] }),
        convolution(16),
        l.activation({ activation: "sigmoid" }),
        l.averagePooling2d({ poolSize: 2 }),
        convolution(16),
        l.flatten(),
      ]),
  },
  formula("numbers per channel on either side", ["x", "numbers"], ({ x, numbers }) =>
    tf.div(tf.sub(numbers, tf.mul(x, numbers)), tf.add(tf.square(numbers), 1)),
  ),
  formula("sums and differences of images", ["x", "numbers", "other"], ({ x, numbers, other }) =>
    tf.add(tf.sub(tf.mul(x, 2), tf.mul(other, numbers)), tf.add(x, other)),
  ),
  formula("the same image twice", ["x"], ({ x }) => tf.add(tf.sub(x, tf.mul(x, 0.25)), x)),
  formula("products of images", ["x", "numbers", "other"], ({ x, numbers, other }) =>
    tf.add(tf.mul(x, other), tf.mul(tf.square(x), numbers)),
  ),
  formula("a quotient of images", ["x", "other"], ({ x, other }) => tf.div(x, tf.add(tf.square(other), 1))),
  formula("sums over pixels, and over everything", ["x", "numbers", "other"], ({ x, numbers, other }) =>
    tf.add(tf.sum(tf.mul(x, other), [1, 2]), tf.mul(tf.mean(x, [0, 1, 2]), numbers)),
  ),
  formula("sums that keep their axes", ["x", "numbers"], ({ x, numbers }) =>
    tf.mul(tf.sub(x, tf.mean(x, [0, 1, 2], true)), tf.mul(numbers, tf.sum(x, [0, 1, 2], true))),
  ),
  formula("a negated image and one that is constant", ["x", "numbers"], ({ x, numbers }) =>
    tf.mul(tf.neg(x), tf.add(tf.onesLike(x), tf.tile(tf.reshape(numbers, [1, 1, 1, 16]), [3, 5, 4, 1]))),
  ),
  formula("relu of sums", ["x", "numbers", "other"], ({ x, numbers, other }) =>
    tf.relu(tf.add(tf.mul(x, numbers), tf.add(other, numbers))),
  ),
  formula("leaky relu, which leaves the layout", ["x"], ({ x }) => tf.leakyRelu(x, 0.1)),
];
