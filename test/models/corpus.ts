/**
 * Whole models as people build them, small: what each is made of, its loss and its data.
 */
import { layers, tf } from "../../src/tfjs/tf.ts";
import { type ConformanceSubject, float, int, network } from "../onnx/conformance-case.ts";
import { modelSubject } from "../tfjs/model-subjects.ts";

const l = layers.layers;

type Symbolic = layers.SymbolicTensor;

export interface CorpusModel {
  readonly make: () => ConformanceSubject;
  /** Integer labels and features are below this; default 2. */
  readonly classes?: number;
  /** Of plain gradient descent; default 0.05. */
  readonly learningRate?: number;
  /** Draws anew at every step, so only the loss after training can be compared. */
  readonly draws?: true;
  /** Compared by `npm run test:stress` alone. */
  readonly slow?: true;
}

/** A functional model of one input. */
function functional(shape: number[], build: (x: Symbolic) => Symbolic, batchSize = 4): ConformanceSubject {
  const input = layers.input({ shape });
  const output = build(input);
  return {
    model: layers.model({ inputs: input, outputs: output }),
    loss: "meanSquaredError",
    features: [float(...shape)],
    labels: [float(...(output.shape.slice(1) as number[]))],
    batchSize,
  };
}

const chain = (x: Symbolic, ...parts: layers.layers.Layer[]): Symbolic =>
  parts.reduce<Symbolic>((y, part) => part.apply(y) as Symbolic, x);
const join = (merge: layers.layers.Layer, ...inputs: Symbolic[]) => merge.apply(inputs) as Symbolic;

const classifier = { loss: "sparseSoftmaxCrossEntropy", labels: [int()] } as const;
const conv = (filters: number, kernelSize = 3, strides = 1) =>
  l.conv2d({ filters, kernelSize, strides, padding: "same", activation: "relu" });
const normalized = (filters: number, kernelSize = 3, strides = 1) => [
  l.conv2d({ filters, kernelSize, strides, padding: "same", useBias: false }),
  l.batchNormalization(),
  l.activation({ activation: "relu" }),
];
const separable = (filters: number, strides: number) => [
  l.depthwiseConv2d({ kernelSize: 3, strides, padding: "same", useBias: false }),
  l.batchNormalization(),
  l.activation({ activation: "relu6" }),
  ...normalized(filters, 1),
];
const averaged = () => l.globalAveragePooling2d({ dataFormat: "channelsLast" });

function transformer(): ConformanceSubject {
  const [length, width] = [5, 8];
  const shapes = [[6, width], ...Array(4).fill([width, width]), [width, 16], [16, width]];
  const variables = shapes.map((shape, i) => tf.variable(tf.randomNormal(shape, 0, 0.3, "float32", i + 1)));
  const norms = [0, 1].map(() => [tf.variable(tf.ones([width])), tf.variable(tf.zeros([width]))]);
  const times = (x: tf.Tensor, w: tf.Tensor) =>
    tf.reshape(tf.matMul(tf.reshape(x, [-1, w.shape[0]]), w as tf.Tensor2D), [
      -1,
      length,
      w.shape[1] as number,
    ]);
  const layerNorm = (x: tf.Tensor, [scale, offset]: tf.Tensor[]) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), scale), offset);
  };
  const heads = (x: tf.Tensor) => tf.transpose(tf.reshape(x, [-1, length, 2, width / 2]), [0, 2, 1, 3]);
  return {
    model: (x) => {
      const [embedding, q, k, v, mix, up, down] = variables;
      const embedded = tf.gather(embedding, x as tf.Tensor2D);
      const scores = tf.matMul(heads(times(embedded, q)), heads(times(embedded, k)), false, true);
      const attended = tf.matMul(tf.softmax(tf.div(scores, Math.sqrt(width / 2))), heads(times(embedded, v)));
      const mixed = times(tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [-1, length, width]), mix);
      const first = layerNorm(tf.add(embedded, mixed), norms[0]);
      return layerNorm(tf.add(first, times(tf.relu(times(first, up)), down)), norms[1]);
    },
    variables: [...variables, ...norms.flat()],
    loss: "meanSquaredError",
    features: [int(length)],
    labels: [float(length, width)],
    batchSize: 4,
  };
}

function variationalAutoencoder(): ConformanceSubject {
  const encoder = layers.sequential({
    layers: [l.dense({ units: 8, activation: "tanh", inputShape: [6] }), l.dense({ units: 4 })],
  });
  const decoder = layers.sequential({
    layers: [l.dense({ units: 8, activation: "tanh", inputShape: [2] }), l.dense({ units: 6 })],
  });
  return {
    model: (x) => {
      const [mean, logVariance] = tf.split(encoder.apply(x) as tf.Tensor, 2, 1);
      const noise = tf.randomNormal([16, 2]);
      const code = tf.add(mean, tf.mul(tf.exp(tf.div(logVariance, 2)), noise));
      return [decoder.apply(code) as tf.Tensor, mean, logVariance];
    },
    variables: [...encoder.weights, ...decoder.weights].map((weight) => weight.read() as tf.Variable),
    loss: (labels, [seen, mean, logVariance]) => {
      const divergence = tf.sub(tf.sub(tf.add(tf.exp(logVariance), tf.square(mean)), 1), logVariance);
      const error = tf.mean(tf.squaredDifference(labels, seen));
      return tf.add(error, tf.mul(0.01, tf.mean(divergence))) as tf.Scalar;
    },
    features: [float(6)],
    labels: [float(6)],
    batchSize: 16,
  };
}

/** Two inputs through the same layers, two outputs, and one label for both: only a function can be their loss. */
function siamese(): ConformanceSubject {
  const twin = layers.sequential({
    layers: [l.dense({ units: 6, activation: "relu", inputShape: [5] }), l.dense({ units: 3 })],
  });
  const inputs = [layers.input({ shape: [5] }), layers.input({ shape: [5] })];
  return {
    model: layers.model({ inputs, outputs: inputs.map((input) => twin.apply(input) as Symbolic) }),
    // Contrastive: pairs of one class (label 1) attract, others repel up to a distance of 1.
    loss: (same, [a, b]) => {
      const distance = tf.sqrt(tf.add(tf.sum(tf.squaredDifference(a, b), 1), 1e-3));
      const apart = tf.square(tf.relu(tf.sub(1, distance)));
      return tf.mean(tf.add(tf.mul(same, tf.square(distance)), tf.mul(tf.sub(1, same), apart))) as tf.Scalar;
    },
    features: [float(5), float(5)],
    labels: [float()],
    batchSize: 8,
  };
}

function twoInputs(): ConformanceSubject {
  const [image, facts] = [layers.input({ shape: [6, 6, 1] }), layers.input({ shape: [4] })];
  const seen = chain(image, conv(3), l.maxPooling2d({ poolSize: 2 }), l.flatten());
  const known = chain(facts, l.dense({ units: 5, activation: "relu" }));
  const output = chain(join(l.concatenate(), seen, known), l.dense({ units: 3 }));
  const model = layers.model({ inputs: [image, facts], outputs: output });
  return { ...classifier, model, features: [float(6, 6, 1), float(4)], batchSize: 4 };
}

function twoOutputs(): ConformanceSubject {
  const input = layers.input({ shape: [5] });
  const shared = chain(input, l.dense({ units: 8, activation: "relu" }));
  const kind = chain(shared, l.dense({ units: 3, name: "kind" }));
  const size = chain(shared, l.dense({ units: 2, activation: "tanh", name: "size" }));
  return {
    model: layers.model({ inputs: input, outputs: [kind, size] }),
    loss: { size: { loss: "meanSquaredError", weight: 0.5 }, kind: "sparseSoftmaxCrossEntropy" },
    features: [float(5)],
    labels: [int(), float(2)],
    batchSize: 4,
  };
}

/** Words and numbers in, an answer and a side task out, with batch normalization and a penalty. */
function twoInputsAndOutputs(): ConformanceSubject {
  const [words, numbers] = [layers.input({ shape: [4], dtype: "int32" }), layers.input({ shape: [3] })];
  const read = chain(words, l.embedding({ inputDim: 3, outputDim: 4 }), l.gru({ units: 4 }));
  const normal = chain(numbers, l.dense({ units: 4 }), l.batchNormalization(), l.reLU());
  const both = join(l.concatenate(), read, normal);
  const kernelRegularizer = layers.regularizers.l2({ l2: 0.01 });
  const outputs = [
    chain(both, l.dense({ units: 2, kernelRegularizer })),
    chain(read, l.dense({ units: 1, activation: "sigmoid" })),
  ];
  return {
    model: layers.model({ inputs: [words, numbers], outputs }),
    loss: [
      "meanSquaredError",
      (labels, predictions) => tf.mean(tf.squaredDifference(labels, predictions)) as tf.Scalar,
    ],
    features: [int(4), float(3)],
    labels: [float(2), float(1)],
    batchSize: 8,
  };
}

function skipGram(): ConformanceSubject {
  const words = tf.variable(tf.randomNormal([9, 4], 0, 0.5, "float32", 1));
  const contexts = tf.variable(tf.randomNormal([9, 4], 0, 0.5, "float32", 2));
  return {
    model: ([word, context]) =>
      tf.sum(tf.mul(tf.gather(words, word as tf.Tensor1D), tf.gather(contexts, context as tf.Tensor1D)), 1),
    variables: [words, contexts],
    loss: "sigmoidCrossEntropy",
    features: [int(), int()],
    labels: [float()],
    batchSize: 12,
  };
}

function highway(): ConformanceSubject {
  return functional([6], (x) => {
    const through = (y: Symbolic) => {
      const carried = chain(y, l.dense({ units: 6, activation: "sigmoid" }));
      const changed = chain(y, l.dense({ units: 6, activation: "relu" }));
      return join(l.add(), join(l.multiply(), carried, changed), y);
    };
    return chain(through(through(x)), l.dense({ units: 2 }));
  });
}

function unet(): ConformanceSubject {
  return functional(
    [8, 8, 2],
    (x) => {
      const high = chain(x, conv(4), conv(4));
      const low = chain(high, l.maxPooling2d({ poolSize: 2 }), conv(6));
      const lowest = chain(low, l.maxPooling2d({ poolSize: 2 }), conv(8));
      const up = chain(lowest, l.conv2dTranspose({ filters: 6, kernelSize: 2, strides: 2 }));
      const middle = chain(join(l.concatenate(), up, low), conv(6), l.upSampling2d({ size: [2, 2] }));
      return chain(join(l.concatenate(), middle, high), conv(4), l.conv2d({ filters: 1, kernelSize: 1 }));
    },
    1,
  );
}

function inception(): ConformanceSubject {
  return functional([6, 6, 2], (x) => {
    const pooled = chain(x, l.maxPooling2d({ poolSize: 3, strides: 1, padding: "same" }), conv(2, 1));
    const branches = join(
      l.concatenate(),
      chain(x, conv(2, 1)),
      chain(x, conv(3, 3)),
      chain(x, conv(2, 5)),
      pooled,
    );
    return chain(branches, averaged(), l.dense({ units: 3 }));
  });
}

function squeezeAndExcite(): ConformanceSubject {
  return functional([6, 6, 2], (x) => {
    const y = chain(x, conv(6));
    const weights = chain(
      y,
      averaged(),
      l.dense({ units: 3, activation: "relu" }),
      l.dense({ units: 6, activation: "sigmoid" }),
      l.reshape({ targetShape: [1, 1, 6] }),
    );
    return chain(join(l.multiply(), y, weights), averaged(), l.dense({ units: 2 }));
  });
}

function densely(): ConformanceSubject {
  return functional([6, 6, 2], (x) => {
    const grown = [1, 2, 3].reduce((y) => join(l.concatenate(), y, chain(y, ...normalized(3))), x);
    return chain(grown, averaged(), l.dense({ units: 2 }));
  });
}

/** Every model by its name. */
export const corpus: Readonly<Record<string, CorpusModel>> = {
  "logistic regression": {
    classes: 3,
    make: () => network(float(5), 8, [l.dense({ units: 3 })], classifier.loss, classifier.labels),
  },
  "linear support vector machine": {
    make: () =>
      network(
        float(5),
        8,
        [l.dense({ units: 1, kernelRegularizer: layers.regularizers.l2({ l2: 0.01 }) })],
        "hinge",
      ),
  },
  "MLP with penalties": {
    make: () =>
      network(float(6), 8, [
        l.dense({ units: 8, activation: "relu", kernelRegularizer: layers.regularizers.l1l2() }),
        l.dense({ units: 8, activation: "tanh" }),
        l.dense({ units: 2 }),
      ]),
  },
  "MLP of newer activations": {
    make: () =>
      network(float(6), 8, [
        ...(["swish", "mish", "gelu", "selu", "softplus"] as const).map((activation) =>
          l.dense({ units: 6, activation }),
        ),
        l.dense({ units: 2 }),
      ]),
  },
  "MLP with batch normalization": {
    make: () =>
      network(float(6), 8, [l.dense({ units: 8 }), l.batchNormalization(), l.reLU(), l.dense({ units: 2 })]),
  },
  "MLP with layer normalization and PReLU": {
    make: () =>
      network(float(6), 8, [l.dense({ units: 8 }), l.layerNormalization(), l.prelu(), l.dense({ units: 2 })]),
  },
  "highway network": { make: highway },
  autoencoder: {
    make: () =>
      network(float(8), 8, [
        l.dense({ units: 4, activation: "relu" }),
        l.dense({ units: 2 }),
        l.dense({ units: 4, activation: "relu" }),
        l.dense({ units: 8, activation: "sigmoid" }),
      ]),
  },
  "variational autoencoder": { make: variationalAutoencoder, draws: true },
  "siamese network": { make: siamese },
  "two inputs": { make: twoInputs, classes: 3 },
  "two outputs": { make: twoOutputs, classes: 3 },
  "two inputs and two outputs": { make: twoInputsAndOutputs, classes: 3 },
  "skip-gram word vectors": { make: skipGram, classes: 9, learningRate: 0.5 },
  LeNet: { make: () => modelSubject("lenet"), classes: 10, slow: true },
  "VGG-like network": {
    classes: 3,
    make: () =>
      network(
        float(8, 8, 3),
        4,
        [
          ...[4, 8].flatMap((filters) => [conv(filters), conv(filters), l.maxPooling2d({ poolSize: 2 })]),
          l.flatten(),
          l.dense({ units: 8, activation: "relu" }),
          l.dense({ units: 3 }),
        ],
        classifier.loss,
        classifier.labels,
      ),
  },
  "ResNet-20": { make: () => modelSubject("resnet20"), classes: 10, learningRate: 0.001, slow: true },
  "small MobileNet": {
    classes: 3,
    make: () =>
      network(
        float(8, 8, 3),
        4,
        [...normalized(4, 3, 2), ...separable(6, 1), ...separable(8, 2), averaged(), l.dense({ units: 3 })],
        classifier.loss,
        classifier.labels,
      ),
  },
  "separable convolutions": {
    make: () =>
      network(float(6, 6, 2), 4, [
        l.separableConv2d({ filters: 4, kernelSize: 3 }),
        averaged(),
        l.dense({ units: 2 }),
      ]),
  },
  "densely connected network": { make: densely },
  "squeeze and excitation": { make: squeezeAndExcite },
  "Inception block": { make: inception },
  "U-Net": { make: unet },
  "convolutional autoencoder": {
    make: () =>
      network(float(8, 8, 1), 2, [
        conv(4, 3, 2),
        conv(2, 3, 2),
        l.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: "same", activation: "relu" }),
        l.conv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, padding: "same" }),
      ]),
  },
  "convolutions of a series": {
    make: () =>
      network(float(12, 2), 4, [
        l.conv1d({ filters: 4, kernelSize: 3, activation: "relu" }),
        l.maxPooling1d({ poolSize: 2 }),
        l.conv1d({ filters: 3, kernelSize: 2 }),
        l.globalAveragePooling1d({}),
        l.dense({ units: 2 }),
      ]),
  },
  "convolutions of volumes": {
    make: () =>
      network(float(4, 4, 4, 1), 2, [
        l.conv3d({ filters: 3, kernelSize: 2, activation: "relu" }),
        l.averagePooling3d({ poolSize: [2, 2, 2], strides: [1, 1, 1], dataFormat: "channelsLast" }),
        l.flatten(),
        l.dense({ units: 2 }),
      ]),
  },
  "simple recurrent network": {
    make: () => network(float(5, 3), 4, [l.simpleRNN({ units: 5 }), l.dense({ units: 1 })]),
  },
  "char-LSTM": { make: () => modelSubject("char-lstm"), classes: 10, slow: true },
  "GRU classifier": {
    classes: 6,
    make: () =>
      network(
        int(5),
        4,
        [l.embedding({ inputDim: 6, outputDim: 4 }), l.gru({ units: 5 }), l.dense({ units: 6 })],
        classifier.loss,
        classifier.labels,
      ),
  },
  "bidirectional LSTM with masked padding": {
    classes: 6,
    make: () =>
      network(
        int(4),
        4,
        [
          l.embedding({ inputDim: 6, outputDim: 4, maskZero: true }),
          l.bidirectional({ layer: l.lstm({ units: 4 }) as layers.RNN, mergeMode: "concat" }),
          l.dense({ units: 6 }),
        ],
        classifier.loss,
        classifier.labels,
      ),
  },
  "stacked cells of several kinds": {
    slow: true,
    make: () =>
      network(float(4, 3), 4, [
        l.rnn({ cell: [l.lstmCell({ units: 4 }), l.gruCell({ units: 3 })] }),
        l.dense({ units: 2 }),
      ]),
  },
  "convolutions of each image of a film, in an LSTM": {
    slow: true,
    make: () =>
      network(float(3, 6, 6, 1), 2, [
        l.timeDistributed({ layer: l.conv2d({ filters: 2, kernelSize: 3, activation: "relu" }) }),
        l.timeDistributed({ layer: l.flatten() }),
        l.lstm({ units: 4 }),
        l.dense({ units: 2 }),
      ]),
  },
  "convolutional LSTM": {
    slow: true,
    make: () =>
      network(float(3, 5, 5, 1), 2, [
        l.convLstm2d({ filters: 2, kernelSize: 3 }),
        l.flatten(),
        l.dense({ units: 2 }),
      ]),
  },
  "transformer block": { make: transformer, classes: 6 },
};
