/** This package in place of TensorFlow.js. */
import type * as tf from "@tensorflow/tfjs";
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
import { sharedSeed, type Trainer } from "./trainer.ts";

/**
 * How a program is trained: with nothing but its line changed; with the optimizer that it was compiled with; or with that on one
 * thread and in the order of TensorFlow.js, which makes the same steps.
 */
export type Way = "changed line" | "compiled" | "exact";

export const ours = (way: Way): Trainer => {
  const exact = way === "exact";
  const optimizers = way === "changed line" ? {} : ({ optimizer: "compiled" } as const);
  const common = { verbose: 0, ...optimizers, ...(exact ? ({ mode: "serial" } as const) : {}) } as const;
  const inOrder = exact ? { shuffle: false } : {};
  return {
    fit: (model, x, y, settings) =>
      fitModel(model, x, y, { ...(settings as FitConfig), ...common, ...inOrder }),
    fitDataset: (model, dataset, settings) =>
      fitDataset(model, dataset as StreamedDataset, { ...(settings as FitDatasetConfig), ...common }),
    trainOnBatch: (model, x, y) => trainOnBatch(model, x, y, { verbose: 0, ...optimizers }),
    async minimize({ batchSize, epochs, learningRate, loss, optimizer, predict, variables, x, y }) {
      await train({
        model: (features) => predict(features as unknown as tf.Tensor),
        variables,
        loss: (labels, predictions) =>
          loss(labels as unknown as tf.Tensor, predictions as unknown as tf.Tensor),
        data: { train: { features: x, labels: y } },
        batchSize,
        epochs,
        ...(way === "changed line" ? {} : { averaging: false, optimizer, learningRate }),
        ...(exact ? { mode: "serial", seed: sharedSeed } : {}),
      });
    },
    release,
  };
};
