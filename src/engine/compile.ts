/** Turns a traced graph into a program that any thread can open. Main thread only. */
import type { Graph, Parameter } from "../graph/graph.ts";
import { randomOperators } from "../graph/kernels/random.ts";
import { liveBytes } from "../graph/live-bytes.ts";
import { lower } from "../onnx/lower.ts";
import { channelBlock } from "../ort/channel-block.ts";
import type { Device } from "../ort/device.ts";
import type { EngineName, Program } from "./engine.ts";

/**
 * Compiles a graph for an engine and the device that it computes on.
 *
 * @throws {YfError} NO_LOWERING when the `ort` engine cannot run a kernel of the graph.
 */
export function compile(graph: Graph, engine: EngineName, device: Device = "cpu"): Program {
  const { parameters, state } = graph;
  const shapes = (slices: readonly Parameter[]) => slices.map(({ value }) => graph.values[value].shape);
  const common = {
    device,
    batchSize: graph.batchSize,
    features: graph.features.map(({ value }) => graph.values[value]),
    labels: graph.labels.map(({ value }) => graph.values[value]),
    predictions: graph.outputs.predictions.map((value) => graph.values[value]),
    parameters,
    parameterCount: countOf(parameters),
    parameterShapes: shapes(parameters),
    state,
    stateCount: countOf(state),
    stateShapes: shapes(state),
    kernels: graph.nodes.length,
    liveBytes: liveBytes(graph),
    random: randomOperators(graph),
    training: graph.outputs.gradients.length > 0,
  };
  if (engine !== "ort") return { ...common, engine, code: graph };
  const form = { portable: device === "cuda", ...(device === "cpu" ? { block: channelBlock } : {}) };
  return { ...common, engine, code: shared(lower(graph, form)), session: null };
}

/** Elements of a flat vector. */
function countOf(slices: readonly Parameter[]): number {
  const last = slices.at(-1);
  return last === undefined ? 0 : last.offset + last.length;
}

/** A copy in shared memory: one for all threads. */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
