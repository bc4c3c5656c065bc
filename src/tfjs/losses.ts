/**
 * The built-in loss functions, each a mean over all elements of its per-example losses, built from `tf.losses`.
 *
 * Labels come first, as in TensorFlow.js. Predictions are the model's raw outputs: logits for the cross entropies.
 */
import { cannot, YfError } from "../errors.ts";
import type { OptionsInput } from "../options/table.ts";
import { type BatchTensors, together } from "./batch-tensors.ts";
import { tf } from "./tf.ts";

/** Names of the built-in losses; labels are class indices for the sparse one, one-hot or values for the others. */
export type LossName = NonNullable<OptionsInput["loss"]>;

/** A loss of one minibatch: labels and predictions to one number, the mean. */
export type LossFunction = (labels: BatchTensors, predictions: BatchTensors) => tf.Scalar;

/** The loss of one output, and how much it counts in the sum over all outputs. */
export interface WeightedLoss {
  /** A built-in loss by name, or a function of the output's labels and predictions. */
  readonly loss: LossName | LossFunction;
  /** What the loss is multiplied by. */
  readonly weight: number;
}

/** What one output is trained for; its weight is 1 where none is given. */
export type OutputLoss = LossName | LossFunction | WeightedLoss;

/**
 * What a model is trained for: the sum over its outputs of a built-in loss for each; or of a loss for each in a list, in
 * the order of the outputs, or by their names; or a function, which sees all labels and all outputs at once.
 *
 * An output has the name of the layer that it comes from; that of a model that is a function has the name of its labels.
 */
export type Loss = LossName | LossFunction | readonly OutputLoss[] | Readonly<Record<string, OutputLoss>>;

/** The loss of one output. */
type LossOfOne = (labels: tf.Tensor, predictions: tf.Tensor) => tf.Scalar;

const { losses } = tf;

const builtIn: Readonly<Record<LossName, LossOfOne>> = {
  softmaxCrossEntropy(labels, logits) {
    const ways =
      "sparseSoftmaxCrossEntropy takes class indices; of one number, sigmoidCrossEntropy labels 0 and 1";
    requireClasses("softmaxCrossEntropy", logits.shape.at(-1) as number, ways);
    return losses.softmaxCrossEntropy(labels, logits);
  },
  sparseSoftmaxCrossEntropy,
  sigmoidCrossEntropy: (labels, logits) => losses.sigmoidCrossEntropy(labels, logits),
  meanSquaredError: (labels, predictions) => losses.meanSquaredError(labels, predictions),
  absoluteDifference: (labels, predictions) => losses.absoluteDifference(labels, predictions),
  hinge: (labels, predictions) => losses.hingeLoss(labels, predictions),
};

/** Names of the built-in losses. */
export const lossNames = Object.keys(builtIn) as readonly LossName[];

/**
 * Returns the function of the loss of one output, `[B, ...]` labels and predictions to their mean loss.
 *
 * @throws {YfError} `BAD_LOSS` if the name is none of {@link lossNames}.
 */
export function lossFunction(loss: LossName | LossFunction): LossOfOne {
  if (typeof loss === "function") {
    return (labels, predictions) => loss(together([labels]), together([predictions]));
  }
  if (Object.hasOwn(builtIn, loss)) return builtIn[loss];
  throw new YfError(
    "BAD_LOSS",
    cannot("use the loss", `must be a function or one of ${lossNames.join(", ")}`, loss),
    {
      loss,
    },
  );
}

/** Softmax cross entropy of class indices: int32 labels `[B, ...]` in [0, C), logits `[B, ..., C]`. */
function sparseSoftmaxCrossEntropy(labels: tf.Tensor, logits: tf.Tensor): tf.Scalar {
  const classes = logits.shape[labels.rank];
  if (labels.dtype !== "int32" || labels.rank < 1 || `${logits.shape}` !== `${[...labels.shape, classes]}`) {
    const rule = "labels must be int32 class indices [B, ...] and predictions must be logits [B, ..., C]";
    const received = `labels ${labels.dtype} [${labels.shape}] and predictions [${logits.shape}]`;
    throw new YfError("BAD_LOSS", cannot("compute sparseSoftmaxCrossEntropy", rule, received), {
      labels: labels.shape,
      predictions: logits.shape,
    });
  }
  const ways = "of one number, sigmoidCrossEntropy takes labels 0 and 1, meanSquaredError any";
  requireClasses("sparseSoftmaxCrossEntropy", classes, ways);
  const [indices, rows] =
    labels.rank === 1
      ? [labels, logits]
      : [tf.reshape(labels, [labels.size]), tf.reshape(logits, [labels.size, classes])];
  return losses.softmaxCrossEntropy(tf.oneHot(indices as tf.Tensor1D, classes, 1, 0, "float32"), rows);
}

/** The softmax of one number is 1, whatever the number is: nothing would be trained. */
function requireClasses(loss: LossName, classes: number, ways: string): void {
  if (classes >= 2) return;
  const rule = `the output must have a number for each class (${ways})`;
  throw new YfError("BAD_LOSS", cannot(`compute ${loss}`, rule, classes), { classes });
}
