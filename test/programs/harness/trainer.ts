/** Who trains the programs: TensorFlow.js or this package. The lines that a user changes are the ones that differ here. */
import * as tf from "@tensorflow/tfjs";
import { EpochOrder } from "../../../src/data/permutation.ts";
import {
  type FitConfig,
  type FitDatasetConfig,
  fitDataset,
  fit as fitModel,
  release,
  type StreamedDataset,
  train,
  trainOnBatch,
} from "../../../src/index.ts";

type Columns = Parameters<tf.LayersModel["fit"]>[0];
type Loss = (labels: tf.Tensor, predictions: tf.Tensor) => tf.Tensor;

/** What the programs say of a `fit`. */
type Settings = Pick<
  tf.ModelFitArgs,
  "batchSize" | "callbacks" | "epochs" | "validationData" | "validationSplit"
> & { readonly classWeight?: Record<number, number> };

/** What they say of a `fitDataset`. */
type DatasetSettings = Pick<
  tf.ModelFitDatasetArgs<tf.TensorContainer>,
  "batchesPerEpoch" | "epochs" | "validationBatches" | "validationData"
>;

/** A model of the core API: a function over variables, with the loop of its minibatches. */
interface CoreProgram {
  readonly variables: readonly tf.Variable[];
  readonly predict: (x: tf.Tensor) => tf.Tensor;
  readonly loss: Loss;
  readonly optimizer: "adam" | "sgd";
  readonly learningRate: number;
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
  readonly epochs: number;
  readonly batchSize: number;
}

/** With the divisor that `train()` has, as in the paper. */
const adam = (learningRate: number) => tf.train.adam(learningRate, 0.9, 0.999, 1e-8);

/** Of the order of examples where both take the same one and there is no other way to say so. */
const seed = 1;

export interface Trainer {
  fit(model: tf.LayersModel, x: Columns, y: Columns, settings: Settings): Promise<tf.History>;
  fitDataset(
    model: tf.LayersModel,
    dataset: tf.data.Dataset<tf.TensorContainer>,
    settings: DatasetSettings,
  ): Promise<tf.History>;
  trainOnBatch(model: tf.LayersModel, x: tf.Tensor, y: tf.Tensor): Promise<number | number[]>;
  minimize(program: CoreProgram): Promise<void>;
  /** What a program does when it is done with a model. */
  release(model: tf.LayersModel): Promise<void>;
}

/** TensorFlow.js alone. @param exact Uses the examples in the order that they have. */
export const tensorflow = (exact: boolean): Trainer => {
  const common = exact ? { shuffle: false, verbose: 0 as const } : {};
  return {
    fit: (model, x, y, settings) => model.fit(x, y, { ...settings, ...common }),
    fitDataset: (model, dataset, settings) => model.fitDataset(dataset, { verbose: 0, ...settings }),
    trainOnBatch: (model, x, y) => model.trainOnBatch(x, y),
    async minimize({ batchSize, epochs, learningRate, loss, optimizer, predict, variables, x, y }) {
      const steps = optimizer === "sgd" ? tf.train.sgd(learningRate) : adam(learningRate);
      for (let epoch = 0; epoch < epochs; epoch++) {
        const own = new EpochOrder(seed, epoch, x.shape[0]);
        const order = tf.util.createShuffledIndices(x.shape[0]).map((any, i) => (exact ? own.at(i) : any));
        for (let at = 0; at < x.shape[0]; at += batchSize) {
          tf.tidy(() => {
            const rows = tf.tensor1d(Int32Array.from(order.slice(at, at + batchSize)), "int32");
            const [xs, ys] = [tf.gather(x, rows), tf.gather(y, rows)];
            steps.minimize(() => loss(ys, predict(xs)).mean(), false, [...variables]);
          });
        }
      }
      steps.dispose();
    },
    release: async () => undefined,
  };
};

/** This package in place of it. @param exact One thread, with the steps and the order that TensorFlow.js takes. */
export const ours = (exact: boolean): Trainer => {
  const steps = exact ? ({ mode: "serial", optimizer: "compiled" } as const) : {};
  const common = { verbose: 0, ...steps } as const;
  const inOrder = exact ? { shuffle: false } : {};
  return {
    fit: (model, x, y, settings) =>
      fitModel(model, x, y, { ...(settings as FitConfig), ...common, ...inOrder }),
    fitDataset: (model, dataset, settings) =>
      fitDataset(model, dataset as StreamedDataset, { ...(settings as FitDatasetConfig), ...common }),
    trainOnBatch: (model, x, y) =>
      trainOnBatch(model, x, y, exact ? { verbose: 0, optimizer: "compiled" } : { verbose: 0 }),
    async minimize({ batchSize, epochs, learningRate, loss, optimizer, predict, variables, x, y }) {
      await train({
        model: (features) => predict(features as unknown as tf.Tensor),
        variables,
        loss: (labels, predictions) =>
          loss(labels as unknown as tf.Tensor, predictions as unknown as tf.Tensor),
        data: { train: { features: x, labels: y } },
        batchSize,
        epochs,
        ...(exact ? { mode: "serial", seed, averaging: false, optimizer, learningRate } : {}),
      });
    },
    release,
  };
};
