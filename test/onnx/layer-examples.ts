/** Every layer of `tf.layers` in a small model that would be trained; aliases share a row. */
import { layers } from "../../src/tfjs/tf.ts";

const l = layers.layers;

const sequence = (
  shape: number[],
  parts: () => layers.layers.Layer[],
  dtype: "float32" | "int32" = "float32",
) => layers.sequential({ layers: [l.inputLayer({ inputShape: shape, dtype }), ...parts()] });

/** A layer after a dense one, so that a gradient flows through it. */
const after =
  (shape: number[], ...parts: (() => layers.layers.Layer)[]) =>
  () =>
    sequence(shape, () => [l.dense({ units: 3 }), ...parts.map((part) => part())]);

const flat = [4];
const series = [5, 4];
const image = [6, 6, 3];
const volume = [4, 4, 4, 2];

type Symbolic = layers.SymbolicTensor;

/** Two dense layers side by side, merged. */
const merged = (merge: () => layers.layers.Layer) => () => {
  const input = layers.input({ shape: [3, 4] });
  const branch = () => l.dense({ units: 4 }).apply(input) as Symbolic;
  return layers.model({ inputs: input, outputs: merge().apply([branch(), branch()]) as Symbolic });
};

export const layerExamples: Readonly<Record<string, () => layers.LayersModel>> = {
  activation: after(flat, () => l.activation({ activation: "tanh" })),
  add: merged(() => l.add()),
  alphaDropout: after(flat, () => l.alphaDropout({ rate: 0.3 })),
  average: merged(() => l.average()),
  "averagePooling1d, avgPool1d, avgPooling1d": after(series, () => l.averagePooling1d({ poolSize: 2 })),
  "averagePooling2d, avgPool2d, avgPooling2d": after(image, () => l.averagePooling2d({})),
  "averagePooling3d, avgPool3d, avgPooling3d": after(volume, () =>
    l.averagePooling3d({ poolSize: [2, 2, 2], dataFormat: "channelsLast" }),
  ),
  batchNormalization: after(image, () => l.batchNormalization()),
  bidirectional: () =>
    sequence(series, () => [
      l.bidirectional({ layer: l.lstm({ units: 3 }) as layers.RNN, mergeMode: "concat" }),
    ]),
  categoryEncoding: () =>
    sequence([4], () => [
      l.categoryEncoding({ name: "encoding", numTokens: 4, outputMode: "multiHot" }),
      l.dense({ units: 2 }),
    ]),
  centerCrop: after(image, () => l.centerCrop({ height: 3, width: 3 })),
  concatenate: merged(() => l.concatenate()),
  conv1d: after(series, () => l.conv1d({ filters: 2, kernelSize: 2 })),
  "conv1d, dilated": after(series, () => l.conv1d({ filters: 2, kernelSize: 2, dilationRate: 2 })),
  "conv1d, causal": after(series, () => l.conv1d({ filters: 2, kernelSize: 2, padding: "causal" })),
  conv2d: after(image, () => l.conv2d({ filters: 2, kernelSize: 2 })),
  "conv2d, dilated": after(image, () => l.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2 })),
  conv2dTranspose: after(image, () => l.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 2 })),
  conv3d: after(volume, () => l.conv3d({ filters: 2, kernelSize: 2 })),
  conv3dTranspose: after(volume, () => l.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2 })),
  "convLstm2d, convLstm2dCell": () =>
    sequence([3, 6, 6, 2], () => [l.convLstm2d({ filters: 2, kernelSize: 3 })]),
  cropping2D: after(image, () =>
    l.cropping2D({
      cropping: [
        [1, 1],
        [0, 1],
      ],
    }),
  ),
  dense: after(flat),
  depthwiseConv2d: after(image, () => l.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 })),
  dot: merged(() => l.dot({ axes: 2 })),
  dropout: after(flat, () => l.dropout({ rate: 0.3 })),
  elu: after(flat, () => l.elu()),
  embedding: () => sequence([5], () => [l.embedding({ inputDim: 7, outputDim: 3 })], "int32"),
  flatten: after(image, () => l.flatten()),
  gaussianDropout: after(flat, () => l.gaussianDropout({ rate: 0.3 })),
  gaussianNoise: after(flat, () => l.gaussianNoise({ stddev: 0.3 })),
  globalAveragePooling1d: after(series, () => l.globalAveragePooling1d({})),
  globalAveragePooling2d: after(image, () => l.globalAveragePooling2d({ dataFormat: "channelsLast" })),
  "globalMaxPooling1d, globalMaxPool1d": after(series, () => l.globalMaxPooling1d({})),
  "globalMaxPooling2d, globalMaxPool2d": after(image, () =>
    l.globalMaxPooling2d({ dataFormat: "channelsLast" }),
  ),
  "gru, gruCell": () => sequence(series, () => [l.gru({ units: 3 })]),
  layerNormalization: after(series, () => l.layerNormalization()),
  "layerNormalization without scale": after(series, () => l.layerNormalization({ scale: false })),
  leakyReLU: after(flat, () => l.leakyReLU()),
  "lstm, lstmCell": () => sequence(series, () => [l.lstm({ units: 3 })]),
  "lstm with dropout": () =>
    sequence(series, () => [l.lstm({ units: 3, dropout: 0.2, recurrentDropout: 0.2 })]),
  masking: () => sequence(series, () => [l.masking(), l.lstm({ units: 3 })]),
  "maxPooling1d, maxPool1d": after(series, () => l.maxPooling1d({})),
  "maxPooling2d, maxPool2d": after(image, () => l.maxPooling2d({})),
  maxPooling3d: after(volume, () => l.maxPooling3d({ poolSize: [2, 2, 2], dataFormat: "channelsLast" })),
  maximum: merged(() => l.maximum()),
  minimum: merged(() => l.minimum()),
  multiply: merged(() => l.multiply()),
  permute: after(series, () => l.permute({ dims: [2, 1] })),
  prelu: after(flat, () => l.prelu()),
  reLU: after(flat, () => l.reLU()),
  randomWidth: () =>
    sequence(image, () => [
      l.randomWidth({ name: "random_width", factor: [0.1, 0.2] }),
      l.dense({ units: 2 }),
    ]),
  repeatVector: after(flat, () => l.repeatVector({ n: 2 })),
  rescaling: () => sequence(flat, () => [l.rescaling({ scale: 2, offset: 1 }), l.dense({ units: 2 })]),
  reshape: after(image, () => l.reshape({ targetShape: [9, 12] })),
  resizing: after(image, () => l.resizing({ height: 3, width: 3 })),
  "rnn, stackedRNNCells": () =>
    sequence(series, () => [l.rnn({ cell: [l.lstmCell({ units: 3 }), l.gruCell({ units: 2 })] })]),
  separableConv2d: after(image, () => l.separableConv2d({ filters: 2, kernelSize: 3 })),
  "simpleRNN, simpleRNNCell": () => sequence(series, () => [l.simpleRNN({ units: 3 })]),
  softmax: after(flat, () => l.softmax({})),
  spatialDropout1d: after(series, () => l.spatialDropout1d({ rate: 0.3 })),
  thresholdedReLU: after(flat, () => l.thresholdedReLU({})),
  timeDistributed: () => sequence(series, () => [l.timeDistributed({ layer: l.dense({ units: 3 }) })]),
  "upSampling2d, nearest": after(image, () => l.upSampling2d({ size: [2, 2] })),
  "upSampling2d, bilinear": after(image, () => l.upSampling2d({ size: [2, 2], interpolation: "bilinear" })),
  zeroPadding2d: after(image, () => l.zeroPadding2d({})),
};

/** What `tf.layers.layers` has besides layers with a factory of their own. */
export const notLayers: readonly string[] = ["Layer", "RNN", "RNNCell", "input", "inputLayer"];
