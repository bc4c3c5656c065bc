/**
 * Traces a TensorFlow.js model and its loss into a {@link Graph}: forward pass, loss and all gradients.
 *
 * Owns the options and the checks of the model. One recording is `record.ts`; why there are two, `merge-recordings.ts`.
 */
import { cannot, YfError } from "../errors.ts";
import type { DType, Graph } from "../graph/graph.ts";
import { together } from "./batch-tensors.ts";
import { inputNames, outputNames } from "./column-names.ts";
import type { Loss, LossWeights } from "./losses.ts";
import { mergeRecordings } from "./merge-recordings.ts";
import type { ModelFunction } from "./model-function.ts";
import { prune } from "./prune.ts";
import { record } from "./record.ts";
import { layers, tf } from "./tf.ts";
import { type TotalLoss, totalLoss } from "./total-loss.ts";
import { otherWeights, trainableWeights, type Weight } from "./trainable-weights.ts";

/** Type of one example, without the batch dimension. */
export interface ExampleType {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Of the input of the graph; numbered where it is absent. */
  readonly name?: string;
}

export interface TraceOptions {
  /**
   * A LayersModel, or a function of the features that closes over `variables`. The function is also told `training`, so
   * that it can leave dropout out of an evaluation.
   */
  readonly model: layers.LayersModel | ModelFunction;
  readonly loss: Loss;
  /** Of each input of the model, in its order. */
  readonly features: readonly ExampleType[];
  /** Of each output of the model, in its order, or whatever a loss compares the outputs with. */
  readonly labels: readonly ExampleType[];
  /** Examples per minibatch, an integer ≥ 1; the graph is made for this size alone. */
  readonly batchSize: number;
  /** `true`: training mode (dropout active) with gradients. `false`: inference mode, loss and predictions only. */
  readonly training: boolean;
  /** What to train when the model is a function; a LayersModel brings its own. */
  readonly variables?: readonly tf.Variable[];
  /** Whether a trainable weight of a LayersModel is trained; default all are. */
  readonly isTrained?: ((variable: tf.Variable) => boolean) | undefined;
  /**
   * In training mode: sees labels and predictions once the loss is computed. What it assigns to variables is state of the
   * program; nothing of it has a gradient.
   */
  readonly observe?: ((labels: readonly tf.Tensor[], predictions: readonly tf.Tensor[]) => void) | undefined;
  /** In training mode: weights of the classes of the output; absent, or null, for none. */
  readonly classWeights?: LossWeights | undefined;
  /** In inference mode: the weights that a trace in training mode found to be state; others are frozen as they are. */
  readonly state?: readonly Weight[];
  /** In inference mode: the weights that a trace in training mode found to be trained; default all that are trainable. */
  readonly trained?: readonly Weight[];
}

/** A graph, and the variables that its parameters and its state stand for. */
export interface Traced {
  readonly graph: Graph;
  /** In the order of the graph's parameters. Trainable weights that the loss does not depend on are none of them. */
  readonly trained: readonly Weight[];
  readonly state: readonly Weight[];
  /** What people should know of the model, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Traces a model and its loss into a graph for one batch size.
 *
 * In training mode the loss contains the penalties of the layers' regularizers, as in `LayersModel.fit`.
 *
 * What a training step assigns to variables that are not trained, such as the moving statistics of batch normalization,
 * are outputs of the graph, its state; those of frozen layers stay as they are. Weights, tensors and the current backend are left as they were.
 *
 * @throws {YfError} `BAD_MODEL` if the model has no trainable weights, takes another number of inputs or
 * other shapes than the data, has a constraint on a weight or a trainable one that is not float32, or if the loss depends on none of its weights; `BAD_LOSS` if the loss is not a scalar;
 * `NO_TRACE` if the model reads values, uses an unknown kernel, or does not do the same thing twice.
 * @throws {RangeError} If `batchSize` is not an integer ≥ 1.
 */
export function trace(options: TraceOptions): Graph {
  return traceWithState(options).graph;
}

/** As {@link trace}, with the variables of the graph and what was found about them. */
export function traceWithState(options: TraceOptions): Traced {
  const { model, batchSize, training } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(cannot("trace a model", "batchSize must be an integer ≥ 1", batchSize));
  }
  const isLayersModel = model instanceof layers.LayersModel;
  if (isLayersModel) {
    checkInputs(model, options.features);
    checkConstraints(model);
  } else if (typeof model !== "function") {
    const rule =
      "must be a function or a LayersModel of the same copy of @tensorflow/tfjs-layers as this package's";
    throw new YfError("BAD_MODEL", cannot("trace the model", rule, model), { received: model });
  }
  const source = isLayersModel ? model : (options.variables ?? []);
  const trainable = trainableWeights(source).filter(({ variable }) => options.isTrained?.(variable) ?? true);
  if (trainable.length === 0) {
    const rule = "must have at least one trainable weight";
    const name = isLayersModel ? model.name : undefined;
    throw new YfError("BAD_MODEL", cannot("train the model", rule, name), { model: name ?? null });
  }
  for (const { name, variable } of trainable) checkTrainable(name, variable);
  const batched = (kind: string, types: readonly ExampleType[]) =>
    types.map(({ dtype, name, shape }, i) => ({
      name: name ?? (types.length === 1 ? kind : `${kind}${i}`),
      shape: [batchSize, ...shape],
      dtype,
    }));
  const others = [...otherWeights(source), ...trainableWeights(source)];
  const nameOf = (variable: tf.Variable) =>
    others.find((weight) => weight.variable === variable)?.name ?? variable.name;
  let state = training ? [] : (options.state ?? []);
  const recordOnce = (pin: number, weights: readonly Weight[]) =>
    record({
      nameOf,
      state: training ? [] : state,
      model: (features) => {
        const x = together(features);
        return isLayersModel ? model.apply(x, { training }) : model(x, training);
      },
      layers: isLayersModel ? allLayers(model) : [],
      frozen: new Set(isLayersModel ? frozenLayers(model) : []),
      loss: observedLoss(options),
      penalties: () => (isLayersModel && training ? model.calculateLosses() : []),
      weights,
      features: batched("features", options.features),
      labels: batched("labels", options.labels),
      batchSize,
      training,
      pin,
    });
  let trained = training ? trainable : (options.trained ?? trainable);
  let kept: readonly string[] = [];
  const recordWith = (pin: number) => {
    let recording = recordOnce(pin, trained);
    if (recording.unreached.length > 0) {
      trained = reached(trained, recording.unreached);
      // Once more, so that whatever else reads these weights takes them for the constants that they are.
      recording = recordOnce(pin, trained);
    }
    if (training) state = recording.assigned.map((variable) => ({ name: nameOf(variable), variable }));
    ({ kept } = recording);
    return prune(recording);
  };
  const graph = mergeRecordings(recordWith);
  const idle = training ? trainable.filter((weight) => !trained.includes(weight)) : [];
  return { graph, trained, state, warnings: warningsOf(idle, kept) };
}

/** The loss of all outputs; in training mode it shows itself to whoever observes. */
function observedLoss(options: TraceOptions): TotalLoss {
  const { classWeights = null, labels: types, loss, model, observe, training } = options;
  const total = totalLoss(loss, outputNames(model, types), training ? classWeights : null);
  if (observe === undefined || !training) return total;
  return (labels, predictions, ...rest) => {
    const value = total(labels, predictions, ...rest);
    tf.tidy(() => observe(labels, predictions));
    return value;
  };
}

/** @throws {YfError} `BAD_MODEL` if nothing is left to train. */
function reached(weights: readonly Weight[], unreached: readonly Weight[]): Weight[] {
  const left = weights.filter((weight) => !unreached.includes(weight));
  if (left.length > 0) return left;
  const names = unreached.map(({ name }) => name);
  const rule = "the loss must depend on a trainable weight";
  throw new YfError("BAD_MODEL", cannot("differentiate the loss", rule, `no path to ${names.join(", ")}`), {
    weights: names,
  });
}

function warningsOf(idle: readonly Weight[], kept: readonly string[]): string[] {
  const warnings: string[] = [];
  if (idle.length > 0) {
    const names = idle.map(({ name }) => name).join(", ");
    warnings.push(`The loss does not depend on ${names}: not trained, and kept as before`);
  }
  if (kept.length > 0) {
    const names = kept.join(", ");
    warnings.push(
      `Moving statistics of frozen layers stay as they are, where TensorFlow.js moves them: ${names}`,
    );
  }
  return warnings;
}

function checkInputs(model: layers.LayersModel, features: readonly ExampleType[]): void {
  const { inputs, name, stateful } = model;
  if (!inputs?.length) {
    const rule =
      model.layers?.length > 0
        ? "its first layer must state the shape of its input (inputShape)"
        : "must have at least one layer";
    throw new YfError("BAD_MODEL", cannot("trace the model", rule, name), { model: name });
  }
  const names = inputNames(model);
  if (names.length !== features.length) {
    const rule = `the data must have one column of features for each of its inputs ${names.join(", ")}`;
    throw new YfError("BAD_MODEL", cannot("trace the model", rule, features.length), { inputs: names });
  }
  if (stateful) {
    throw new YfError(
      "BAD_MODEL",
      cannot("trace the model", "no layer may keep state between minibatches", name),
      { model: name, layers: model.layers.filter((layer) => layer.stateful).map((layer) => layer.name) },
    );
  }
  for (const [i, { shape }] of features.entries()) {
    const { dtype } = inputs[i];
    if (dtype === "string" || dtype === "complex64") {
      const rule = `its input ${names[i]} must be of real numbers (words become numbers in the data)`;
      throw new YfError("BAD_MODEL", cannot("trace the model", rule, dtype), { input: names[i] });
    }
    const expected = inputs[i].shape.slice(1);
    const fits =
      expected.length === shape.length &&
      expected.every((size, axis) => size === null || size === shape[axis]);
    if (fits) continue;
    const input = inputs.length === 1 ? "its input" : `its input ${names[i]}`;
    const rule = `features must have the shape [${expected.map((size) => size ?? "any")}] of ${input}`;
    throw new YfError("BAD_MODEL", cannot("trace the model", rule, `[${shape}]`), {
      expected,
      received: shape,
    });
  }
}

/** Integers have no gradient: as a float32 weight one would be trained to numbers that it cannot hold. */
function checkTrainable(weight: string, { dtype }: tf.Variable): void {
  if (dtype === "float32") return;
  const rule = "a trainable variable must be float32 (make others with trainable = false)";
  throw new YfError("BAD_MODEL", cannot("train the model", rule, `${weight} of type ${dtype}`), {
    weight,
    dtype,
  });
}

/** TensorFlow.js drops constraints without a word: a model that has some would be trained as another one. */
function checkConstraints(model: layers.LayersModel): void {
  const constrained = model.trainableWeights.find(
    (weight) => (weight as { constraint?: unknown }).constraint != null,
  );
  if (constrained === undefined) return;
  const weight = constrained.originalName;
  const rule = "no weight may have a constraint, which TensorFlow.js does not apply in training either";
  throw new YfError("BAD_MODEL", cannot("train the model", rule, weight), { weight });
}

/** The layers of a model and of the models inside it. */
function allLayers(model: layers.LayersModel): layers.layers.Layer[] {
  return model.layers.flatMap((layer) =>
    layer instanceof layers.LayersModel ? [layer, ...allLayers(layer)] : [layer],
  );
}

/** The layers that are frozen, themselves or as part of a frozen model, which may be skipped when the outer model runs. */
function frozenLayers(model: layers.LayersModel, within = false): layers.layers.Layer[] {
  return model.layers.flatMap((layer) => {
    const isFrozen = within || !layer.trainable;
    const inside = layer instanceof layers.LayersModel ? frozenLayers(layer, isFrozen) : [];
    return isFrozen ? [layer, ...inside] : inside;
  });
}
