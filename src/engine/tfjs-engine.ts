/**
 * TensorFlow.js itself as an engine: the traced graph, kernel by kernel, on its backend `wasm` or on TensorFlow's.
 *
 * For graphs that have no lowering, and as a check of the engines that have one. A graph holds what a closure had, so
 * that any model can run on any thread; a thread loads TensorFlow.js only when it opens this engine.
 */
import { isMainThread } from "node:worker_threads";
import type { Graph, GraphNode, ValueId } from "../graph/graph.ts";
import { isRandom } from "../graph/kernels/random.ts";
import type { KernelInputs } from "../tfjs/composed-kernels.ts";
import { type KernelPlan, planKernel } from "../tfjs/plan-kernel.ts";
import { loadTensorflow, type TensorflowDevice, tensorflowBackend } from "../tfjs/tensorflow.ts";
import { tf } from "../tfjs/tf.ts";
import { tracedKernels } from "../tfjs/traced-kernels.ts";
import { loadWasm, wasmBackend } from "../tfjs/wasm.ts";
import { BufferedEngine } from "./buffered-engine.ts";
import type { EngineOptions, GraphProgram } from "./engine.ts";

type Tensors = Map<ValueId, tf.Tensor>;

export class TfjsEngine extends BufferedEngine<GraphProgram> {
  readonly #backend: string;
  /** Of each node of the graph. */
  readonly #plans: readonly KernelPlan[];
  /** What each value of the graph is needed for the last time: the index of a node. */
  readonly #lastUse: ReadonlyMap<ValueId, number>;

  private constructor(program: GraphProgram, options: EngineOptions, backend: string) {
    super(program, options);
    this.#backend = backend;
    const graph = program.code;
    this.#plans = graph.nodes.map((node) => planKernel(node, graph.values, backend));
    this.#lastUse = lastUses(graph);
  }

  /** @throws {YfError} NO_ENGINE if TensorFlow is wanted and not set up, NO_DEVICE if it does not find its device. */
  static async open(program: GraphProgram, options: EngineOptions): Promise<TfjsEngine> {
    if (program.engine === "tfjs") {
      await loadWasm();
      return new TfjsEngine(program, options, wasmBackend);
    }
    // The options leave no other one.
    loadTensorflow(program.device as TensorflowDevice);
    const engine = new TfjsEngine(program, options, tensorflowBackend);
    // A package as it is published keeps the names of all attributes in one list without a lock. The main thread, which
    // opens every program before others run it, fills the list, and then no one writes there.
    if (isMainThread) await engine.run();
    return engine;
  }

  protected compute(): number {
    const previous = tf.getBackend();
    // Inputs belong to the backend that is current when they are made.
    setBackend(this.#backend);
    tf.engine().startScope();
    try {
      return this.#interpret(this.program.code);
    } finally {
      tf.engine().endScope();
      // On the main thread it is the user's; on others nothing else uses TensorFlow.js, and changing it has its price.
      if (isMainThread) setBackend(previous);
    }
  }

  #interpret(graph: Graph): number {
    const { nodes, outputs } = graph;
    const tensors = this.#inputs(graph);
    for (const [index, node] of nodes.entries()) {
      // Random numbers are inputs here: TensorFlow.js draws on the host, before it calls a kernel.
      if (isRandom(node.op)) continue;
      const plan = this.#plans[index];
      setBackend(plan.backend);
      const results = callKernel(node, plan, tensors);
      for (const [i, output] of node.outputs.entries()) tensors.set(output, results[i]);
      for (const input of new Set(node.inputs)) {
        if (input === null || this.#lastUse.get(input) !== index) continue;
        tensors.get(input)?.dispose();
        tensors.delete(input);
      }
    }
    const numbers = (id: ValueId) => (tensors.get(id) as tf.Tensor).dataSync();
    const read = (ids: readonly ValueId[], target: Float32Array) => {
      let offset = 0;
      for (const id of ids) {
        const data = numbers(id);
        target.set(data, offset);
        offset += data.length;
      }
    };
    const { gradient, nextState, predictions } = this.buffers;
    read(outputs.gradients, gradient);
    read(outputs.state, nextState);
    for (const [i, target] of predictions.entries()) target.set(numbers(outputs.predictions[i]));
    return numbers(outputs.loss)[0];
  }

  #inputs({ constants, features, labels, nodes, parameters, state, values }: Graph): Tensors {
    const { buffers } = this;
    const tensors: Tensors = new Map();
    const set = (id: ValueId, data: Float32Array | Int32Array | Uint8Array) => {
      const { dtype, shape } = values[id];
      tensors.set(id, tf.tensor(data, [...shape], dtype));
    };
    for (const [i, { value }] of features.entries()) set(value, buffers.features[i]);
    for (const [i, { value }] of labels.entries()) set(value, buffers.labels[i]);
    for (const { length, offset, value } of parameters) {
      set(value, buffers.parameters.subarray(offset, offset + length));
    }
    for (const { length, offset, value } of state)
      set(value, buffers.state.subarray(offset, offset + length));
    for (const [id, data] of constants) set(id, data);
    const randomNodes = nodes.filter(({ op }) => isRandom(op));
    for (const [i, { length, offset }] of this.program.random.entries()) {
      set(randomNodes[i].outputs[0], buffers.draws.subarray(offset, offset + length));
    }
    return tensors;
  }

  async dispose(): Promise<void> {}
}

/** tf.setBackend() waits only for backends that start asynchronously; for these it is done when it returns. */
function setBackend(name: string): void {
  if (tf.getBackend() !== name) void tf.setBackend(name);
}

/** Runs one kernel call of the graph as it stands there. */
function callKernel(
  { attributes, inputs, op }: GraphNode,
  { compose }: KernelPlan,
  tensors: Tensors,
): tf.Tensor[] {
  const given = inputs.map((id) => (id === null ? undefined : tensors.get(id)));
  const names = tracedKernels.get(op)?.inputs ?? "list";
  const named = names === "list" ? given : Object.fromEntries(names.map((name, i) => [name, given[i]]));
  if (compose !== null) return [tf.tidy(() => compose(named as KernelInputs, attributes))];
  const result: tf.Tensor | tf.Tensor[] = tf
    .engine()
    .runKernel(op, named as tf.NamedTensorMap, attributes as unknown as tf.NamedAttrMap);
  return Array.isArray(result) ? result : [result];
}

/** Outputs of the graph are needed after every node. */
function lastUses({ nodes, outputs }: Graph): ReadonlyMap<ValueId, number> {
  const uses = new Map<ValueId, number>();
  for (const [index, { inputs }] of nodes.entries()) {
    for (const input of inputs) if (input !== null) uses.set(input, index);
  }
  const { gradients, loss, predictions, state } = outputs;
  for (const id of [loss, ...predictions, ...gradients, ...state]) uses.set(id, nodes.length);
  return uses;
}
