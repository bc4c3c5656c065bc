/** The networks whose gradients are timed, and engines that are ready to compute one of them. */
import { fillMinibatch } from "../../src/data/minibatch.ts";
import { readMnist } from "../../src/data/mnist.ts";
import { compile } from "../../src/engine/compile.ts";
import type { EngineBuffers, EngineName, GradientEngine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import { plainKernels } from "../../src/kernels/plain.ts";
import { createRandom } from "../../src/math/random.ts";
import type { Loss } from "../../src/tfjs/losses.ts";
import { buildModel } from "../../src/tfjs/models/build-model.ts";
import { lenet } from "../../src/tfjs/models/lenet.ts";
import { mlp } from "../../src/tfjs/models/mlp.ts";
import { type layers, tf } from "../../src/tfjs/tf.ts";
import { type ExampleType, trace } from "../../src/tfjs/trace.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { mnistDirectory } from "../harness/places.ts";
import type { NetName, TimedNetName } from "../peers/pytorch.ts";

export interface TimedNet {
  readonly title: string;
  /** As PyTorch's side knows it. */
  readonly name: TimedNetName;
  readonly batchSize: number;
  /** Whether images can lie in memory in two ways. */
  readonly convolutional: boolean;
  readonly build: (seed: number) => layers.LayersModel;
  /** Random data of these types in place of MNIST, and the loss of them. */
  readonly random?: RandomData;
}

interface RandomData {
  readonly features: readonly ExampleType[];
  readonly labels: readonly ExampleType[];
  readonly loss: Loss;
  /** Labels, and features that are indices, are below this. */
  readonly classes: number;
}

/** A net of MNIST, which both sides can train. */
export interface Net extends TimedNet {
  readonly name: NetName;
}

const imageShape = [28, 28, 1];

export const nets: readonly Net[] = [
  {
    title: "MLP 784-128-10, batch 32",
    name: "mlp-small",
    batchSize: 32,
    convolutional: false,
    build: (seed) => mlp(seed, imageShape, [128], 10),
  },
  {
    title: "MLP 784-512-512-10, batch 128",
    name: "mlp-large",
    batchSize: 128,
    convolutional: false,
    build: (seed) => mlp(seed, imageShape, [512, 512], 10),
  },
  { title: "LeNet, batch 64", name: "lenet", batchSize: 64, convolutional: true, build: lenet },
];

/** Mean cross entropy of every step. */
const sequenceLoss = (labels: tf.Tensor, logits: tf.Tensor): tf.Scalar => {
  const [classes] = logits.shape.slice(-1);
  const hot = tf.oneHot(tf.reshape(labels, [-1]) as tf.Tensor1D, classes, 1, 0, "float32");
  return tf.losses.softmaxCrossEntropy(hot, tf.reshape(logits, [-1, classes]));
};

/** What gradients are timed of. */
export const timedNets: readonly TimedNet[] = [
  ...nets,
  {
    title: "ResNet-20, CIFAR-10's shapes, batch 64",
    name: "resnet20",
    batchSize: 64,
    convolutional: true,
    build: (seed) => buildModel("resnet20", { inputShape: [32, 32, 3], classes: 10, seed }),
    random: {
      features: [{ shape: [32, 32, 3], dtype: "float32" }],
      labels: [{ shape: [], dtype: "int32" }],
      loss: "sparseSoftmaxCrossEntropy",
      classes: 10,
    },
  },
  {
    title: "char-LSTM 2×128, 50 steps, batch 50",
    name: "char-lstm",
    batchSize: 50,
    convolutional: false,
    build: (seed) => buildModel("char-lstm", { inputShape: [50], classes: 65, seed }),
    random: {
      features: [{ shape: [50], dtype: "int32" }],
      labels: [{ shape: [50], dtype: "int32" }],
      loss: sequenceLoss,
      classes: 65,
    },
  },
];

/** Fills a minibatch at random: uniform numbers in [−1, 1), and indices. */
function fillRandom({ features, labels }: EngineBuffers, { classes }: RandomData, seed: number): void {
  const random = createRandom(seed);
  for (const array of [...features, ...labels]) {
    const draw = array instanceof Int32Array ? () => Math.floor(classes * random()) : () => 2 * random() - 1;
    for (let i = 0; i < array.length; i++) array[i] = draw();
  }
}

/**
 * Opens engines whose buffers hold the net's initial parameters and the first minibatch of MNIST, or random data.
 *
 * @param seed Of the parameters and of the order of the examples.
 */
export async function openAtStart<Names extends readonly EngineName[]>(
  { batchSize, build, random }: TimedNet,
  seed: number,
  ...names: Names
): Promise<{ [I in keyof Names]: GradientEngine }> {
  const train = random === undefined ? readMnist(mnistDirectory()).train : null;
  const model = build(seed);
  const data =
    train === null ? (random as RandomData) : { ...train, loss: "sparseSoftmaxCrossEntropy" as const };
  const graph = trace({ ...data, model, batchSize, training: true });
  const { flat } = readWeights(model);
  model.dispose();
  const open = async (name: EngineName): Promise<GradientEngine> => {
    const engine = await openEngine(compile(graph, name), { seed: 1, lowMemory: false });
    const { features, labels, parameters } = engine.buffers;
    parameters.set(flat);
    if (train === null) {
      fillRandom(engine.buffers, random as RandomData, seed);
      return engine;
    }
    const bytes = new Uint8Array(features[0].length);
    fillMinibatch(train, 0, batchSize, seed, plainKernels(), bytes, features, labels);
    return engine;
  };
  return (await Promise.all(names.map(open))) as { [I in keyof Names]: GradientEngine };
}
