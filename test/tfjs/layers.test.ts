import { describe, test } from "vitest";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { expectSameAsTensorflow } from "./agreement.ts";

const l = layers.layers;
type Layer = layers.layers.Layer;

/** Every layer of tf.layers 4.22 that a trace understands, inside a small network that has weights before and after it. */
const image: Record<string, () => Layer> = {
  "conv2d with valid padding": () => l.conv2d({ filters: 3, kernelSize: 3 }),
  "conv2d with same padding and stride 2": () =>
    l.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: "same" }),
  "conv2d with uneven kernel and strides": () =>
    l.conv2d({ filters: 2, kernelSize: [2, 4], strides: [1, 3], padding: "same" }),
  "conv2d with a relu in the layer": () => l.conv2d({ filters: 3, kernelSize: 3, activation: "relu" }),
  "conv2d without bias": () => l.conv2d({ filters: 3, kernelSize: 1, useBias: false }),
  "conv2d with channels first": () => l.conv2d({ filters: 3, kernelSize: 2, dataFormat: "channelsFirst" }),
  "conv2dTranspose with stride 2": () =>
    l.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: "same" }),
  "depthwiseConv2d with multiplier 2": () =>
    l.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: "same" }),
  "depthwiseConv2d with stride 2": () => l.depthwiseConv2d({ kernelSize: 3, strides: 2 }),
  separableConv2d: () => l.separableConv2d({ filters: 4, kernelSize: 3, padding: "same" }),
  maxPooling2d: () => l.maxPooling2d({ poolSize: 2 }),
  "maxPooling2d with overlap and same padding": () =>
    l.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }),
  averagePooling2d: () => l.averagePooling2d({ poolSize: 2 }),
  "averagePooling2d with overlap": () => l.averagePooling2d({ poolSize: 3, strides: 2 }),
  zeroPadding2d: () =>
    l.zeroPadding2d({
      padding: [
        [1, 2],
        [3, 0],
      ],
    }),
  cropping2D: () =>
    l.cropping2D({
      cropping: [
        [1, 0],
        [2, 1],
      ],
    }),
  upSampling2d: () => l.upSampling2d({ size: [2, 3] }),
  "upSampling2d bilinear": () => l.upSampling2d({ size: [2, 3], interpolation: "bilinear" }),
  permute: () => l.permute({ dims: [3, 1, 2] }),
  reshape: () => l.reshape({ targetShape: [3, 24] }),
  batchNormalization: () => l.batchNormalization({}),
  layerNormalization: () => l.layerNormalization({}),
  "dropout with rate 0": () => l.dropout({ rate: 0 }),
  prelu: () => l.prelu({ alphaInitializer: "randomNormal" }),
  "prelu with shared axes": () => l.prelu({ alphaInitializer: "randomNormal", sharedAxes: [1, 2] }),
};

describe("an image layer has the gradients of TensorFlow.js", () => {
  for (const [name, make] of Object.entries(image)) {
    test(name, () => {
      const model = layers.sequential({
        layers: [
          l.conv2d({ inputShape: [6, 6, 1], filters: 2, kernelSize: 1, kernelInitializer: seeded(1) }),
          make(),
          l.flatten(),
          l.dense({ units: 3, kernelInitializer: seeded(2) }),
        ],
      });
      expectSameAsTensorflow({
        model,
        loss: "meanSquaredError",
        features: [{ shape: [6, 6, 1], dtype: "float32" }],
        labels: [{ shape: [3], dtype: "float32" }],
        // One example: with more, `cpu` puts the gradients of upSampling2d into the wrong rows.
        batchSize: name === "upSampling2d" ? 1 : 3,
      });
    });
  }
});

const sequence: Record<string, () => Layer> = {
  conv1d: () => l.conv1d({ filters: 3, kernelSize: 3 }),
  "conv1d with stride 2 and same padding": () =>
    l.conv1d({ filters: 3, kernelSize: 2, strides: 2, padding: "same" }),
  maxPooling1d: () => l.maxPooling1d({ poolSize: 2 }),
  averagePooling1d: () => l.averagePooling1d({ poolSize: 2 }),
  globalMaxPooling1d: () => l.globalMaxPooling1d({}),
  globalAveragePooling1d: () => l.globalAveragePooling1d({}),
  simpleRNN: () => l.simpleRNN({ units: 3 }),
  "simpleRNN backwards": () => l.simpleRNN({ units: 3, goBackwards: true }),
  lstm: () => l.lstm({ units: 3 }),
  "lstm that returns sequences": () => l.lstm({ units: 3, returnSequences: true }),
  gru: () => l.gru({ units: 3 }),
  bidirectional: () => l.bidirectional({ layer: l.gru({ units: 2 }) as never, mergeMode: "concat" }),
  timeDistributed: () => l.timeDistributed({ layer: l.dense({ units: 2 }) }),
};

describe("a sequence layer has the gradients of TensorFlow.js", () => {
  for (const [name, make] of Object.entries(sequence)) {
    test(name, () => {
      const model = layers.sequential();
      model.add(l.dense({ inputShape: [5, 4], units: 4, kernelInitializer: seeded(1) }));
      model.add(make());
      if (model.outputs[0].rank > 2) model.add(l.flatten());
      model.add(l.dense({ units: 2, kernelInitializer: seeded(2) }));
      expectSameAsTensorflow({
        model,
        loss: "meanSquaredError",
        features: [{ shape: [5, 4], dtype: "float32" }],
        labels: [{ shape: [2], dtype: "float32" }],
        batchSize: 2,
      });
    });
  }
});

const activations = [
  ...["elu", "relu", "relu6", "selu", "hardSigmoid", "sigmoid", "softmax", "softplus", "softsign"],
  ...["tanh", "linear", "swish", "mish", "gelu", "gelu_new"],
] as const;

const activationLayers: Record<string, () => Layer> = {
  ...Object.fromEntries(activations.map((name) => [name, () => l.activation({ activation: name as "elu" })])),
  leakyReLU: () => l.leakyReLU({ alpha: 0.2 }),
  "elu layer": () => l.elu({ alpha: 1 }),
  "relu layer with a maximum": () => l.reLU({ maxValue: 1 }),
  "softmax layer": () => l.softmax({}),
};

describe("an activation has the gradients of TensorFlow.js", () => {
  for (const [name, make] of Object.entries(activationLayers)) {
    test(name, () => {
      const model = layers.sequential({
        layers: [
          l.dense({ inputShape: [4], units: 5, kernelInitializer: seeded(1) }),
          make(),
          l.dense({ units: 2, kernelInitializer: seeded(2) }),
        ],
      });
      expectSameAsTensorflow({
        model,
        loss: "meanSquaredError",
        features: [{ shape: [4], dtype: "float32" }],
        labels: [{ shape: [2], dtype: "float32" }],
        batchSize: 6,
      });
    });
  }
  for (const name of activations.filter((name) => name !== "softmax")) {
    test(`${name} inside a dense layer`, () => {
      const model = layers.sequential({
        layers: [
          l.dense({ inputShape: [4], units: 3, activation: name as "elu", kernelInitializer: seeded(3) }),
        ],
      });
      expectSameAsTensorflow({
        model,
        loss: "meanSquaredError",
        features: [{ shape: [4], dtype: "float32" }],
        labels: [{ shape: [3], dtype: "float32" }],
        batchSize: 6,
      });
    });
  }
});

describe("a merge layer has the gradients of TensorFlow.js", () => {
  const merges: Record<string, () => Layer> = {
    add: () => l.add(),
    average: () => l.average(),
    concatenate: () => l.concatenate(),
    maximum: () => l.maximum(),
    minimum: () => l.minimum(),
    multiply: () => l.multiply(),
    dot: () => l.dot({ axes: 1 }),
  };
  for (const [name, make] of Object.entries(merges)) {
    test(name, () => {
      const input = layers.input({ shape: [4] });
      const branch = (seed: number) =>
        l
          .dense({ units: 3, activation: "tanh", kernelInitializer: seeded(seed) })
          .apply(input) as layers.SymbolicTensor;
      const merged = make().apply([branch(1), branch(2)]) as layers.SymbolicTensor;
      const output = l
        .dense({ units: 2, kernelInitializer: seeded(3) })
        .apply(merged) as layers.SymbolicTensor;
      expectSameAsTensorflow({
        model: layers.model({ inputs: input, outputs: output }),
        loss: "meanSquaredError",
        features: [{ shape: [4], dtype: "float32" }],
        labels: [{ shape: [2], dtype: "float32" }],
        batchSize: 3,
      });
    });
  }
});

test("an embedding has the gradients of TensorFlow.js when indices repeat", () => {
  const model = layers.sequential({
    layers: [
      l.embedding({ inputDim: 5, outputDim: 3, inputLength: 4, embeddingsInitializer: seeded(1) }),
      l.flatten(),
      l.dense({ units: 2, kernelInitializer: seeded(2) }),
    ],
  });
  expectSameAsTensorflow(
    {
      model,
      loss: "softmaxCrossEntropy",
      features: [{ shape: [4], dtype: "int32" }],
      labels: [{ shape: [2], dtype: "float32" }],
      batchSize: 3,
    },
    5,
  );
});

test("a dilated convolution has the loss of TensorFlow.js in a function model", () => {
  const filter = tf.variable(tf.randomNormal([3, 3, 1, 2], 0, 1, "float32", 3), true, "filter");
  const scale = tf.variable(tf.scalar(2), true, "scale");
  // TF.js has no gradient for a dilated filter, so only the scale is trained.
  expectSameAsTensorflow({
    model: (x) =>
      tf.mul(tf.sum(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same", "NHWC", 2), [1, 2]), scale),
    variables: [scale],
    loss: "meanSquaredError",
    features: [{ shape: [6, 6, 1], dtype: "float32" }],
    labels: [{ shape: [2], dtype: "float32" }],
    batchSize: 2,
  });
  tf.dispose([filter, scale]);
});

function seeded(seed: number) {
  return layers.initializers.randomNormal({ seed, stddev: 0.5 });
}
