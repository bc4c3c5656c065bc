/** The networks whose gradients are timed, and engines that are ready to compute one of them. */
import { fillMinibatch } from "../../src/data/minibatch.ts";
import { readMnist } from "../../src/data/mnist.ts";
import { compile } from "../../src/engine/compile.ts";
import type { EngineName, GradientEngine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import { plainKernels } from "../../src/kernels/plain.ts";
import { lenet } from "../../src/tfjs/models/lenet.ts";
import { mlp } from "../../src/tfjs/models/mlp.ts";
import type { layers } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { mnistDirectory } from "../harness/places.ts";
import type { NetName } from "../peers/pytorch.ts";

export interface Net {
  readonly title: string;
  /** As PyTorch's side knows it. */
  readonly name: NetName;
  readonly batchSize: number;
  /** Whether images can lie in memory in two ways. */
  readonly convolutional: boolean;
  readonly build: (seed: number) => layers.LayersModel;
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

/**
 * Opens engines whose buffers hold the net's initial parameters and the first minibatch of MNIST.
 *
 * @param seed Of the parameters and of the order of the examples.
 */
export async function openAtStart<Names extends readonly EngineName[]>(
  { batchSize, build }: Net,
  seed: number,
  ...names: Names
): Promise<{ [I in keyof Names]: GradientEngine }> {
  const { train } = readMnist(mnistDirectory());
  const model = build(seed);
  const graph = trace({
    model,
    loss: "sparseSoftmaxCrossEntropy",
    features: train.features,
    labels: train.labels,
    batchSize,
    training: true,
  });
  const { flat } = readWeights(model);
  model.dispose();
  const open = async (name: EngineName): Promise<GradientEngine> => {
    const engine = await openEngine(compile(graph, name), { seed: 1, frugal: false });
    const { features, labels, parameters } = engine;
    parameters.set(flat);
    const bytes = new Uint8Array(features.length);
    fillMinibatch(train, 0, batchSize, seed, plainKernels(), bytes, features, labels);
    return engine;
  };
  return (await Promise.all(names.map(open))) as { [I in keyof Names]: GradientEngine };
}
