/** Turns a traced graph into a program that any thread can open. Main thread only. */
import type { Graph } from "../graph/graph.ts";
import { lower } from "../onnx/lower.ts";
import type { EngineName, Program } from "./engine.ts";

const randomOperators: readonly string[] = ["RandomUniform", "RandomNormal"];

/**
 * Compiles a graph for an engine.
 *
 * @throws {YfError} NO_LOWERING when the `ort` engine cannot run a kernel of the graph.
 */
export function compile(graph: Graph, engine: EngineName): Program {
  const { parameters } = graph;
  const last = parameters.at(-1);
  return {
    engine,
    batchSize: graph.batchSize,
    features: graph.values[graph.features.value],
    labels: graph.values[graph.labels.value],
    predictions: graph.values[graph.outputs.predictions],
    parameters,
    parameterCount: last === undefined ? 0 : last.offset + last.length,
    parameterShapes: parameters.map(({ value }) => graph.values[value].shape),
    draws: graph.nodes.some(({ op }) => randomOperators.includes(op)),
    training: graph.outputs.gradients.length > 0,
    code: engine === "ort" ? shared(lower(graph)) : graph,
    session: null,
  };
}

/** A copy in shared memory: one for all threads. */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
