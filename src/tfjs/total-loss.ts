/** The loss of a model with any number of outputs: one number of all labels and all predictions. */
import { cannot, YfError } from "../errors.ts";
import { together } from "./batch-tensors.ts";
import type { FindActivation } from "./last-activation.ts";
import {
  type Loss,
  type LossFunction,
  type LossName,
  type LossWeights,
  lossFunction,
  meanOf,
} from "./losses.ts";
import { tf } from "./tf.ts";

/** Columns of labels and outputs of the model, each in order, to one number. */
export type TotalLoss = (
  labels: readonly tf.Tensor[],
  predictions: readonly tf.Tensor[],
  find?: FindActivation,
) => tf.Scalar;

/** What one output adds to the loss. */
export interface LossTerm {
  readonly loss: LossName | LossFunction;
  readonly weight: number;
}

/**
 * @param names Of the outputs. @param weights Of the classes of every output. @returns The loss of labels and predictions.
 * @throws {YfError} `BAD_LOSS`, when it is called, if labels, outputs and losses do not fit each other.
 */
export function totalLoss(
  loss: Loss,
  names: readonly (string | undefined)[],
  weights: LossWeights = null,
): TotalLoss {
  return (labels, predictions, find) => {
    const terms = lossTerms(loss, names, predictions.length);
    if (terms === null) return meanOf((loss as LossFunction)(together(labels), together(predictions)));
    if (labels.length !== predictions.length) {
      const rule =
        "there must be a column of labels for each output of the model (a function as loss may compare them otherwise)";
      throw bad(rule, `${labels.length} for ${predictions.length}`);
    }
    const losses = terms.map((term, i) => {
      const one = lossFunction(term.loss, weights)(labels[i], predictions[i], find);
      return term.weight === 1 ? one : tf.mul<tf.Scalar>(one, term.weight);
    });
    return losses.reduce((sum, one) => tf.add(sum, one));
  };
}

/**
 * The terms of a loss, one for each output; null where a function computes all of it.
 *
 * @param names Of the outputs. @param count Number of outputs.
 * @throws {YfError} `BAD_LOSS` if there is no loss for an output, or none for a loss.
 */
export function lossTerms(
  loss: Loss,
  names: readonly (string | undefined)[],
  count: number,
): LossTerm[] | null {
  if (typeof loss === "function") return null;
  if (typeof loss === "string") return Array.from({ length: count }, () => termOf(loss));
  if (typeof loss !== "object" || loss === null) return [termOf(loss)];
  if (Array.isArray(loss)) {
    if (loss.length !== count) throw bad(`there must be a loss for each of ${count} outputs`, loss.length);
    return loss.map(termOf);
  }
  const byName = new Map(Object.entries(loss));
  const terms = names.slice(0, count).map((name) => {
    const given = name === undefined ? undefined : byName.get(name);
    if (name === undefined || given === undefined) {
      const rule = `there must be a loss for each output ${names.map((one) => one ?? "(without a name)").join(", ")}`;
      throw bad(rule, [...byName.keys()]);
    }
    return termOf(given);
  });
  const unknown = [...byName.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw bad(`every loss must be for one of the outputs ${names.join(", ")}`, unknown);
  return terms;
}

function termOf(given: unknown): LossTerm {
  const isPair = typeof given === "object" && given !== null && "loss" in given;
  const { loss, weight = 1 } = (isPair ? given : { loss: given }) as {
    loss: LossTerm["loss"];
    weight?: unknown;
  };
  if (typeof weight !== "number" || !Number.isFinite(weight)) {
    throw bad("the weight of a loss must be a finite number", weight);
  }
  // A name that is none of the built-in ones is refused here.
  lossFunction(loss);
  return { loss, weight };
}

function bad(rule: string, received?: unknown): YfError {
  return new YfError("BAD_LOSS", cannot("use the loss", rule, received), { received });
}
