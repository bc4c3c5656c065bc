/** Turns a recording into a graph: keeps what the outputs need, numbers the values anew in order of first use. */
import type { Graph, GraphInput, GraphNode, Parameter, ValueId } from "../graph/graph.ts";
import type { RecordedConstant, Recorder } from "./recorder.ts";

/** What a trace knows besides the recording. All ids are those of the recorder. */
export interface TraceResult {
  readonly recorder: Recorder;
  readonly batchSize: number;
  readonly features: readonly GraphInput[];
  readonly labels: readonly GraphInput[];
  readonly parameters: readonly Parameter[];
  readonly state: readonly Parameter[];
  readonly outputs: Graph["outputs"];
}

/** A graph whose constants still know which tf op made them. */
export interface PrunedTrace {
  readonly graph: Omit<Graph, "constants">;
  readonly constants: ReadonlyMap<ValueId, RecordedConstant>;
}

/** Removes every node and constant that no output depends on. */
export function prune({ recorder, ...trace }: TraceResult): PrunedTrace {
  const live = liveNodes(recorder.nodes, trace.outputs);
  const values: Graph["values"][number][] = [];
  const renumbered = new Map<ValueId, ValueId>();
  const constants = new Map<ValueId, RecordedConstant>();
  const renumber = (id: ValueId): ValueId => {
    const known = renumbered.get(id);
    if (known !== undefined) return known;
    const renewed = values.push(recorder.values[id]) - 1;
    renumbered.set(id, renewed);
    const constant = recorder.constants.get(id);
    if (constant) constants.set(renewed, constant);
    return renewed;
  };
  const input = ({ name, value }: GraphInput) => ({ name, value: renumber(value) });

  const features = trace.features.map(input);
  const labels = trace.labels.map(input);
  const variable = (slice: Parameter) => ({ ...slice, value: renumber(slice.value) });
  const parameters = trace.parameters.map(variable);
  const state = trace.state.map(variable);
  const nodes = live.map((node) => ({
    ...node,
    inputs: node.inputs.map((id) => (id === null ? null : renumber(id))),
    outputs: node.outputs.map(renumber),
  }));
  const outputs = {
    loss: renumber(trace.outputs.loss),
    predictions: trace.outputs.predictions.map(renumber),
    gradients: trace.outputs.gradients.map(renumber),
    state: trace.outputs.state.map(renumber),
  };
  return {
    graph: { batchSize: trace.batchSize, values, features, labels, parameters, state, nodes, outputs },
    constants,
  };
}

/** The nodes that an output depends on, in the order of the recording. */
function liveNodes(nodes: readonly GraphNode[], outputs: Graph["outputs"]): GraphNode[] {
  const needed = new Set<ValueId | null>([
    outputs.loss,
    ...outputs.predictions,
    ...outputs.gradients,
    ...outputs.state,
  ]);
  // Backwards, because a node comes after the nodes whose outputs it reads.
  const live = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((id) => needed.has(id))) return false;
    for (const id of node.inputs) needed.add(id);
    return true;
  });
  return live.reverse();
}
