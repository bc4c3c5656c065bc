/** Who trains the programs: TensorFlow.js or this package. The lines that a user changes are the ones that differ between the two. */
import type * as tf from "@tensorflow/tfjs";

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

/** Of the order of examples where both take the same one and there is no other way to say so. */
export const sharedSeed = 1;
