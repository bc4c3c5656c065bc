/**
 * The built-in losses by name, each the mean over all examples: those of `tf.losses`, whose cross entropies take logits, and
 * those of `model.compile()`, whose cross entropies take probabilities (`example-losses.ts`).
 *
 * Labels come first, as in TensorFlow.js. Owns how labels are brought into the shape of predictions.
 */
import { cannot, YfError } from "../errors.ts";
import type { OptionsInput } from "../options/table.ts";
import { type BatchTensors, together } from "./batch-tensors.ts";
import { binaryOfLogits, categoricalOfLogits, type ExampleLoss, exampleLosses } from "./example-losses.ts";
import type { FindActivation, LastActivation } from "./last-activation.ts";
import { tf } from "./tf.ts";

/** Names of the built-in losses; labels are class indices for the sparse ones, one-hot or values for the others. */
export type LossName = NonNullable<OptionsInput["loss"]>;

/**
 * A loss of one minibatch: labels and predictions to one number, the mean, or to a loss for each example, `[B]` or
 * `[B, ...]`, of which the mean is taken.
 */
export type LossFunction = (labels: BatchTensors, predictions: BatchTensors) => tf.Tensor;

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

/** The loss of one output. `find` says what a last softmax or sigmoid was applied to. */
type LossOfOne = (labels: tf.Tensor, predictions: tf.Tensor, find?: FindActivation) => tf.Scalar;

/** Weights of the classes by index, of losses that compare classes; null for none. */
export type LossWeights = readonly number[] | null;

const { losses } = tf;

/** The losses of `tf.losses`, on raw outputs: logits for the cross entropies. */
const ofRawOutputs = {
  softmaxCrossEntropy: (labels, logits) => losses.softmaxCrossEntropy(labels, logits),
  sparseSoftmaxCrossEntropy: (labels, logits) => losses.softmaxCrossEntropy(labels, logits),
  sigmoidCrossEntropy: (labels, logits) => losses.sigmoidCrossEntropy(labels, logits),
  absoluteDifference: (labels, predictions) => losses.absoluteDifference(labels, predictions),
} as const satisfies Record<string, (labels: tf.Tensor, predictions: tf.Tensor) => tf.Scalar>;

/** Short names of Keras. */
const aliases = {
  mse: "meanSquaredError",
  mae: "meanAbsoluteError",
  mape: "meanAbsolutePercentageError",
  msle: "meanSquaredLogarithmicError",
  kld: "kullbackLeiblerDivergence",
  cosine: "cosineProximity",
} as const;

/** A loss by its only name. */
export type FullLossName = Exclude<LossName, keyof typeof aliases>;

/** Names of the built-in losses. */
export const lossNames = [ofRawOutputs, exampleLosses, aliases].flatMap(
  (table) => Object.keys(table) as LossName[],
);

/** The name that an alias stands for; other names as they are. */
export function fullLossName(name: LossName): FullLossName {
  return Object.hasOwn(aliases, name) ? aliases[name as keyof typeof aliases] : (name as FullLossName);
}

/** Whether labels are indices of classes. */
export function takesClassIndices(name: LossName): boolean {
  return name === "sparseSoftmaxCrossEntropy" || name === "sparseCategoricalCrossentropy";
}

/** Losses of one-hot labels. */
const ofOneHot: ReadonlySet<FullLossName> = new Set([
  "softmaxCrossEntropy",
  "categoricalCrossentropy",
  "categoricalHinge",
  "kullbackLeiblerDivergence",
]);

/** Whether labels are rows of one number for each class. */
export function takesOneHot(name: LossName): boolean {
  return ofOneHot.has(fullLossName(name));
}

/** The losses of answers yes and no, with the prediction that a yes exceeds. */
const ofAnswers: ReadonlyMap<FullLossName, number> = new Map([
  ["sigmoidCrossEntropy", 0],
  ["hinge", 0],
  ["squaredHinge", 0],
  ["binaryCrossentropy", 0.5],
]);

/** What a prediction of yes exceeds, where labels are answers yes and no: 0.5 of probabilities, else 0; null for other losses. */
export function thresholdOfYes(name: LossName): number | null {
  return ofAnswers.get(fullLossName(name)) ?? null;
}

/** The losses that compare classes, of which there must be two, and what else to use for a single number. */
const ofClasses: Readonly<Partial<Record<FullLossName, string>>> = {
  softmaxCrossEntropy:
    "sparseSoftmaxCrossEntropy takes class indices; of one number, sigmoidCrossEntropy labels 0 and 1",
  sparseSoftmaxCrossEntropy: "of one number, sigmoidCrossEntropy takes labels 0 and 1, meanSquaredError any",
  categoricalCrossentropy:
    "sparseCategoricalCrossentropy takes class indices; of one number, binaryCrossentropy labels 0 and 1",
  sparseCategoricalCrossentropy:
    "of one number, binaryCrossentropy takes labels 0 and 1, meanSquaredError any",
};

/** The losses that take logits, and those that are their like behind a softmax or sigmoid. */
const ofProbabilities: Readonly<Partial<Record<FullLossName, FullLossName>>> = {
  softmaxCrossEntropy: "categoricalCrossentropy",
  sparseSoftmaxCrossEntropy: "sparseCategoricalCrossentropy",
  sigmoidCrossEntropy: "binaryCrossentropy",
};

/** The same losses of what a softmax or sigmoid was applied to. */
const fused: Readonly<Partial<Record<FullLossName, readonly [LastActivation["kind"], ExampleLoss]>>> = {
  categoricalCrossentropy: ["softmax", categoricalOfLogits],
  sparseCategoricalCrossentropy: ["softmax", ofRawOutputs.sparseSoftmaxCrossEntropy],
  binaryCrossentropy: ["sigmoid", binaryOfLogits],
};

/**
 * Returns the function of the loss of one output, `[B, ...]` labels and predictions to their mean loss.
 *
 * A cross entropy of probabilities is computed of the logits where the prediction comes out of a softmax or sigmoid.
 *
 * @param weights Of a built-in loss. @throws {YfError} `BAD_LOSS` if the name is none of {@link lossNames}; when it is called, if labels and predictions are
 *   of shapes that do not belong together, or a loss on logits gets probabilities.
 */
export function lossFunction(loss: LossName | LossFunction, weights: LossWeights = null): LossOfOne {
  if (typeof loss === "function") {
    return (labels, predictions) => meanOf(loss(together([labels]), together([predictions])));
  }
  if (lossNames.includes(loss)) return builtIn(fullLossName(loss), weights);
  throw new YfError(
    "BAD_LOSS",
    cannot("use the loss", `must be a function or one of ${lossNames.join(", ")}`, loss),
    {
      loss,
    },
  );
}

/** The mean over the examples of what a loss gave; whatever is no tensor is refused where it is used. */
export function meanOf(loss: tf.Tensor): tf.Scalar {
  return loss instanceof tf.Tensor && loss.rank > 0 ? tf.mean(loss) : (loss as tf.Scalar);
}

function builtIn(name: FullLossName, weights: LossWeights): LossOfOne {
  return (given, predictions, find = () => null) => {
    requireClasses(name, predictions);
    const last = find(predictions);
    requireLogits(name, last);
    const isSparse = takesClassIndices(name);
    const labels = isSparse
      ? oneHotRows(name, given, predictions)
      : tf.cast(aligned(name, given, predictions), "float32");
    const like = (outputs: tf.Tensor) =>
      isSparse && outputs.rank > 2 ? tf.reshape(outputs, labels.shape) : outputs;
    if (Object.hasOwn(ofRawOutputs, name)) {
      if (weights !== null) return weighted(name, eachOfLogits(name), labels, like(predictions), weights);
      return ofRawOutputs[name as keyof typeof ofRawOutputs](labels, like(predictions));
    }
    const [kind, ofLogits] = fused[name] ?? [];
    const isFused = ofLogits !== undefined && last?.kind === kind;
    const ofOutputs = exampleLosses[name as keyof typeof exampleLosses];
    const outputs = like(isFused ? (last as LastActivation).logits : predictions);
    return weights === null
      ? meanOf((isFused ? ofLogits : ofOutputs)(labels, outputs))
      : weighted(name, isFused ? eachOfLogits(name) : ofOutputs, labels, outputs, weights);
  };
}

/** The cross entropy of logits, an example each. */
const eachOfLogits = (name: FullLossName): ExampleLoss =>
  thresholdOfYes(name) === null ? categoricalOfLogits : binaryOfLogits;

/** The mean over all examples of their loss times the weight of their class: an answer each, or a row of `[..., C]`. */
function weighted(
  name: FullLossName,
  ofEach: ExampleLoss,
  labels: tf.Tensor,
  outputs: tf.Tensor,
  weights: readonly number[],
): tf.Scalar {
  if (thresholdOfYes(name) !== null) {
    const each = (x: tf.Tensor) => tf.reshape(x, [x.size, 1]);
    const [no, yes] = weights;
    const isYes = tf.cast(tf.greater(tf.reshape(labels, [labels.size]), 0.5), "float32");
    return tf.mean(tf.mul(ofEach(each(labels), each(outputs)), tf.add(no, tf.mul(yes - no, isYes))));
  }
  const row = Array.from({ length: outputs.shape.at(-1) as number }, (_, i) => weights[i] ?? 1);
  return tf.mean(tf.mul(ofEach(labels, outputs), tf.sum(tf.mul(labels, tf.tensor1d(row)), -1)));
}

/** Class indices `[B, ...]` or `[B, ..., 1]`, of any type, beside predictions `[B, ..., C]`: a row of `[N, C]` each. */
function oneHotRows(name: FullLossName, labels: tf.Tensor, { shape }: tf.Tensor): tf.Tensor {
  const wanted = shape.slice(0, -1);
  if (!isSame(labels.shape, wanted) && !isSame(labels.shape, [...wanted, 1])) {
    const rule = "labels must be class indices [B, ...] or [B, ..., 1] and predictions [B, ..., C]";
    throw badShapes(name, rule, labels.shape, shape);
  }
  const flat = tf.cast(labels.rank === 1 ? labels : tf.reshape(labels, [labels.size]), "int32");
  return tf.oneHot(flat as tf.Tensor1D, shape.at(-1) as number, 1, 0, "float32");
}

/** Labels in the shape of the predictions: where `[B]` stood beside `[B, 1]`, numbers would become `[B, B]`. */
function aligned(name: FullLossName, labels: tf.Tensor, { shape }: tf.Tensor): tf.Tensor {
  if (isSame(labels.shape, shape)) return labels;
  const sizes = (all: readonly number[]) => [all[0], ...all.slice(1).filter((size) => size !== 1)];
  if (isSame(sizes(labels.shape), sizes(shape))) return tf.reshape(labels, shape);
  throw badShapes(name, "labels must have the shape of the predictions", labels.shape, shape);
}

const isSame = (a: readonly number[], b: readonly number[]) => `${a}` === `${b}`;

function badShapes(
  name: FullLossName,
  rule: string,
  labels: readonly number[],
  predictions: readonly number[],
): YfError {
  const received = `labels [${labels}] and predictions [${predictions}]`;
  return new YfError("BAD_LOSS", cannot(`compute ${name}`, rule, received), {
    loss: name,
    labels,
    predictions,
  });
}

/** The softmax of one number is 1, whatever the number is: nothing would be trained. */
function requireClasses(name: FullLossName, { rank, shape }: tf.Tensor): void {
  const ways = ofClasses[name];
  const classes = rank < 2 ? 1 : (shape.at(-1) as number);
  if (ways === undefined || classes >= 2) return;
  const rule = `the output must have a number for each class (${ways})`;
  throw new YfError("BAD_LOSS", cannot(`compute ${name}`, rule, classes), { loss: name, classes });
}

/** A loss that has a softmax or sigmoid of its own must not get what comes out of one. */
function requireLogits(name: FullLossName, last: LastActivation | null): void {
  const instead = ofProbabilities[name];
  if (instead === undefined || last === null) return;
  const { kind, layer } = last;
  const where = layer === null ? "the model" : `layer ${layer}`;
  const rule = `predictions must be logits (use ${instead} for probabilities, or leave the ${kind} out of ${where})`;
  throw new YfError("BAD_LOSS", cannot(`compute ${name}`, rule, `the ${kind} of ${where}`), {
    loss: name,
    instead,
    layer,
    activation: kind,
  });
}
