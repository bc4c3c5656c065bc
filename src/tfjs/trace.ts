/**
 * Traces a TensorFlow.js model and its loss into a {@link Graph}: forward pass, loss and all gradients.
 *
 * Everything is recorded twice. What differs between the two recordings cannot be frozen into a program: random ops
 * become random operators, anything else is an error that names it.
 */
import { isDeepStrictEqual } from "node:util";
import { cannot, YfError } from "../errors.ts";
import type { ConstantData, DType, Graph, GraphNode, ValueId } from "../graph/graph.ts";
import { type Loss, lossFunction } from "./losses.ts";
import { isRandomOp } from "./pin-randomness.ts";
import { type PrunedTrace, prune } from "./prune.ts";
import { record } from "./record.ts";
import { recoverDistribution } from "./recover-distribution.ts";
import { layers, type tf } from "./tf.ts";
import { trainableWeights } from "./trainable-weights.ts";

/** Type of one example, without the batch dimension. */
export interface ExampleType {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

export interface TraceOptions {
  /** A model with one input and one output, or a function of the features that closes over `variables`. */
  readonly model: layers.LayersModel | ((features: tf.Tensor) => tf.Tensor);
  readonly loss: Loss;
  readonly features: ExampleType;
  readonly labels: ExampleType;
  /** Examples per minibatch, an integer ≥ 1; the graph is made for this size alone. */
  readonly batchSize: number;
  /** `true`: training mode (dropout active) with gradients. `false`: inference mode, loss and predictions only. */
  readonly training: boolean;
  /** What to train when the model is a function; a LayersModel brings its own. */
  readonly variables?: readonly tf.Variable[];
}

/**
 * Seeds of the two recordings. Any two numbers do; with these the first draws are far apart (uniform 0.001 and 0.994,
 * normal −2.3 and 1.6, truncated −1.3 and 1.6), so that even one sample each gives the parameters to float32 precision.
 */
const pins = [541, 773] as const;

/**
 * Traces a model and its loss into a graph for one batch size.
 *
 * In training mode the loss contains the penalties of the layers' regularizers, as in `LayersModel.fit`.
 *
 * Weights, tensors and the current backend are left as they were. Updates of weights that are not trained (the
 * moving statistics of batch normalization) are not part of the graph.
 *
 * @throws {YfError} `BAD_MODEL` if the model has no trainable weights, has several inputs or outputs, takes another
 * shape than the data, or has a weight that the loss does not depend on; `BAD_LOSS` if the loss is not a scalar;
 * `NO_TRACE` if the model reads values, uses an unknown kernel, or does not do the same thing twice.
 * @throws {RangeError} If `batchSize` is not an integer ≥ 1.
 */
export function trace(options: TraceOptions): Graph {
  const { model, batchSize, training } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(cannot("trace a model", "batchSize must be an integer ≥ 1", batchSize));
  }
  const isLayersModel = model instanceof layers.LayersModel;
  if (isLayersModel) checkInput(model, options.features);
  const weights = trainableWeights(isLayersModel ? model : (options.variables ?? []));
  if (weights.length === 0) {
    const rule = "it must have at least one trainable weight";
    throw new YfError(
      "BAD_MODEL",
      cannot("train the model", rule, isLayersModel ? model.name : "no variables"),
    );
  }
  const batched = ({ shape, dtype }: ExampleType) => ({ shape: [batchSize, ...shape], dtype });
  const recordWith = (pin: number) =>
    prune(
      record({
        model: isLayersModel ? (x) => model.apply(x, { training }) : model,
        layers: isLayersModel ? allLayers(model) : [],
        loss: lossFunction(options.loss),
        penalties: () => (isLayersModel && training ? model.calculateLosses() : []),
        weights,
        features: batched(options.features),
        labels: batched(options.labels),
        training,
        pin,
      }),
    );
  return merged(recordWith(pins[0]), recordWith(pins[1]));
}

function checkInput({ name, inputs, stateful }: layers.LayersModel, { shape }: ExampleType): void {
  if (!inputs?.length) {
    throw new YfError("BAD_MODEL", cannot("trace the model", "it must have at least one layer", name));
  }
  if (inputs.length > 1) {
    throw new YfError(
      "BAD_MODEL",
      cannot("trace the model", "it must have one input", `${inputs.length} inputs`),
    );
  }
  if (stateful) {
    throw new YfError(
      "BAD_MODEL",
      cannot("trace the model", "no layer may keep state between minibatches", name),
    );
  }
  const expected = inputs[0].shape.slice(1);
  const fits =
    expected.length === shape.length && expected.every((size, i) => size === null || size === shape[i]);
  if (fits) return;
  const rule = `features must have the shape [${expected.map((size) => size ?? "any")}] of its input`;
  throw new YfError("BAD_MODEL", cannot("trace the model", rule, `[${shape}]`), {
    expected,
    received: shape,
  });
}

/** The layers of a model and of the models inside it. */
function allLayers(model: layers.LayersModel): layers.layers.Layer[] {
  return model.layers.flatMap((layer) =>
    layer instanceof layers.LayersModel ? [layer, ...allLayers(layer)] : [layer],
  );
}

/** The graph that both recordings agree on, with random operators in place of random numbers. */
function merged(first: PrunedTrace, second: PrunedTrace): Graph {
  checkSameProgram(first, second);
  const constants = new Map<ValueId, ConstantData>();
  const random: GraphNode[] = [];
  for (const [id, { data, op, layer }] of first.constants) {
    // Both programs have the same nodes, so what no node makes is a constant in both.
    const again = second.constants.get(id)?.data ?? data;
    if (isRandomOp(op)) {
      const { shape } = first.graph.values[id];
      const distribution = recoverDistribution(op, shape, [
        { pin: pins[0], data },
        { pin: pins[1], data: again },
      ]);
      if (!distribution) throw notRepeatable(`tf.${op} that is not float32 or has a text seed`, layer);
      random.push({ ...distribution, inputs: [], outputs: [id], layer });
    } else if (isDeepStrictEqual(data, again)) {
      constants.set(id, data);
    } else {
      throw notRepeatable(`numbers from tf.${op} that change from call to call`, layer);
    }
  }
  return { ...first.graph, constants, nodes: [...random, ...first.graph.nodes] };
}

function checkSameProgram({ graph: a }: PrunedTrace, { graph: b }: PrunedTrace): void {
  if (isDeepStrictEqual(a, b)) return;
  const at = a.nodes.findIndex((node, i) => !isDeepStrictEqual(node, b.nodes[i]));
  const node = a.nodes[at] ?? b.nodes[a.nodes.length];
  throw notRepeatable(
    `a call of ${node?.op ?? "another kernel"} that changes from call to call`,
    node?.layer ?? null,
  );
}

function notRepeatable(what: string, layer: string | null): YfError {
  const where = layer === null ? "" : ` in layer ${layer}`;
  const rule =
    "it must do the same at every call, except for float32 tf.randomUniform, randomNormal and truncatedNormal";
  return new YfError("NO_TRACE", cannot("trace the model", rule, `${what}${where}`), { layer });
}
