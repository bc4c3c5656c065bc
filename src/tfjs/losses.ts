/**
 * The built-in loss functions, each a mean over all elements of its per-example losses, built from `tf.losses`.
 *
 * Labels come first, as in TensorFlow.js. Predictions are the model's raw outputs: logits for the cross entropies.
 */
import { cannot, YfError } from "../errors.ts";
import type { OptionsInput } from "../options/table.ts";
import { tf } from "./tf.ts";

/** Names of the built-in losses; labels are class indices for the sparse one, one-hot or values for the others. */
export type LossName = NonNullable<OptionsInput["loss"]>;

/** A loss of one minibatch: labels `[B, ...]` and predictions `[B, ...]` to one number, the mean. */
export type LossFunction = (labels: tf.Tensor, predictions: tf.Tensor) => tf.Scalar;

/** A built-in loss by name, or a function. */
export type Loss = LossName | LossFunction;

const { losses } = tf;

const builtIn: Readonly<Record<LossName, LossFunction>> = {
  softmaxCrossEntropy: (labels, logits) => losses.softmaxCrossEntropy(labels, logits),
  sparseSoftmaxCrossEntropy,
  sigmoidCrossEntropy: (labels, logits) => losses.sigmoidCrossEntropy(labels, logits),
  meanSquaredError: (labels, predictions) => losses.meanSquaredError(labels, predictions),
  absoluteDifference: (labels, predictions) => losses.absoluteDifference(labels, predictions),
  hinge: (labels, predictions) => losses.hingeLoss(labels, predictions),
};

/** Names of the built-in losses. */
export const lossNames = Object.keys(builtIn) as readonly LossName[];

/**
 * Returns the function of a loss.
 *
 * @throws {YfError} `BAD_LOSS` if the name is none of {@link lossNames}.
 */
export function lossFunction(loss: Loss): LossFunction {
  if (typeof loss === "function") return loss;
  if (Object.hasOwn(builtIn, loss)) return builtIn[loss];
  throw new YfError(
    "BAD_LOSS",
    cannot("use the loss", `it must be a function or one of ${lossNames.join(", ")}`, loss),
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
  const [indices, rows] =
    labels.rank === 1
      ? [labels, logits]
      : [tf.reshape(labels, [labels.size]), tf.reshape(logits, [labels.size, classes])];
  return losses.softmaxCrossEntropy(tf.oneHot(indices as tf.Tensor1D, classes, 1, 0, "float32"), rows);
}
