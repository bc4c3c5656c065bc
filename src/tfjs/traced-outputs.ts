/** What a model gives for one example, found by tracing it: the shape of each output, and its last activation. */
import type { Graph, GraphNode, ValueId } from "../graph/graph.ts";
import type { LastActivation } from "./last-activation.ts";
import type { OutputShape } from "./output-shapes.ts";
import { tf } from "./tf.ts";
import { type TraceOptions, trace } from "./trace.ts";

/** One output of a model. */
export interface TracedOutput {
  readonly shape: OutputShape;
  /** A last softmax or sigmoid, and the layer that applied it; null for neither. */
  readonly activation: Pick<LastActivation, "kind" | "layer"> | null;
}

const kinds: Readonly<Record<string, LastActivation["kind"]>> = { Softmax: "softmax", Sigmoid: "sigmoid" };

/** @throws {YfError} As `trace()`, if the model cannot be traced. */
export function tracedOutputs(
  given: Pick<TraceOptions, "batchSize" | "features" | "model" | "variables">,
): TracedOutput[] {
  const graph = trace({
    ...given,
    // A trace has a loss; here nothing reads it.
    loss: () => tf.scalar(0),
    labels: [],
    training: false,
  });
  return graph.outputs.predictions.map((value) => ({
    shape: graph.values[value].shape.slice(1),
    activation: activationOf(graph, value),
  }));
}

function activationOf({ nodes, values }: Graph, prediction: ValueId): TracedOutput["activation"] {
  const makerOf = (value: ValueId | null) =>
    nodes.find(({ outputs }) => value !== null && outputs.includes(value));
  let maker: GraphNode | undefined = makerOf(prediction);
  while (maker?.op === "Reshape") maker = makerOf(maker.inputs[0]);
  const kind = maker === undefined ? undefined : kinds[maker.op];
  if (maker === undefined || kind === undefined) return null;
  // The classes of a softmax must still be the last axis.
  const width = (value: ValueId) => values[value].shape.at(-1);
  if (kind === "softmax" && width(maker.outputs[0]) !== width(prediction)) return null;
  return { kind, layer: maker.layer };
}
