/**
 * A TensorFlow.js backend that computes nothing: it works out shapes and records each kernel call.
 *
 * Tensors made while it is the engine's backend hold no numbers, only the id of a value of the recorder. Tensors
 * of another backend that a model closes over enter the program as constants (or parameters, see `bind`).
 */
import { cannot, YfError } from "../errors.ts";
import type { TensorType, ValueId } from "../graph/graph.ts";
import { plainAttributes, tensorType } from "./plain-data.ts";
import type { Recorder } from "./recorder.ts";
import type { KernelAttributes } from "./shape-rules.ts";
import { tf } from "./tf.ts";
import type { TracedKernel } from "./traced-kernels.ts";

/** Name under which the backend and its kernels are registered. */
export const traceBackendName = "trace";

/** What a variable is of for the time of a recording. */
interface StandIn {
  /** Where its numbers are. */
  readonly original: object;
  readonly variable: string;
}

interface Entry {
  readonly value: ValueId;
  references: number;
}

/** What a variable held before the program, and what the program assigned to it last. */
export interface Assignment {
  readonly before: ValueId;
  readonly after: ValueId;
}

type NamedInputs = Readonly<Record<string, tf.TensorInfo | undefined>>;

export class TraceBackend extends tf.KernelBackend {
  readonly #recorder: Recorder;
  readonly #entries = new Map<object, Entry>();
  readonly #foreign = new Map<object, ValueId>();
  readonly #standIns = new Map<object, StandIn>();
  /** Stand-ins whose numbers the program was told. */
  readonly #told = new Set<object>();
  /** Data that change from run to run: variables that are inputs of the program, or that it assigns. */
  readonly #changing = new Set<object>();
  readonly #owners = new Map<ValueId, object>();
  readonly #assigned = new Map<tf.Variable, Assignment>();
  /** Of the first read that did not have to come at once; null for none. */
  #lateRead: YfError | null = null;

  constructor(recorder: Recorder) {
    super();
    this.#recorder = recorder;
  }

  /** Makes a variable stand for `value` instead of for its numbers. */
  bind({ dataId }: tf.Variable, value: ValueId): void {
    this.#changing.add(dataId);
    this.#foreign.set(dataId, value);
  }

  /** A data id of this backend for a variable, whose numbers stay at `original`: constants until it is bound or assigned. */
  standIn(original: object, variable: string): object {
    const dataId = {};
    this.#standIns.set(dataId, { original, variable });
    return dataId;
  }

  /** Every variable that was assigned, in order of the first time. */
  get assigned(): ReadonlyMap<tf.Variable, Assignment> {
    return this.#assigned;
  }

  /** Takes note of an assignment: what the variable held is an input of the program, and whoever reads it next sees `value`. */
  assign(variable: tf.Variable, value: tf.Tensor): void {
    if (this.#told.has(variable.dataId)) throw this.#readError(variable.dataId);
    this.#changing.add(variable.dataId);
    const known = this.#assigned.get(variable);
    const before = known?.before ?? this.valueIdOf(variable);
    if (known === undefined) this.#recorder.release(before);
    const after = this.valueIdOf(value);
    this.#assigned.set(variable, { before, after });
    this.#foreign.set(variable.dataId, after);
  }

  /** A handle of this backend for `value`; TF.js calls it a dataId. */
  handle(value: ValueId): object {
    const dataId = {};
    this.#entries.set(dataId, { value, references: 1 });
    return dataId;
  }

  /** The value that a tensor stands for; data of another backend become a constant on first use. */
  valueIdOf(tensor: tf.TensorInfo): ValueId {
    const known = this.#entries.get(tensor.dataId)?.value ?? this.#foreign.get(tensor.dataId);
    if (known !== undefined) return known;
    const data = tf.engine().readSync(this.#standIns.get(tensor.dataId)?.original ?? tensor.dataId);
    const value = this.#recorder.constant(tensorType(tensor, this.#recorder.layer), data);
    this.#foreign.set(tensor.dataId, value);
    return value;
  }

  /** Records one call of a kernel and returns its output, or the list of its outputs. */
  call(
    name: string,
    kernel: TracedKernel,
    inputs: unknown,
    attributes: KernelAttributes,
  ): tf.TensorInfo | tf.TensorInfo[] {
    const tensors =
      kernel.inputs === "list"
        ? (inputs as tf.TensorInfo[])
        : kernel.inputs.map((input) => (inputs as NamedInputs)[input] ?? null);
    const types = tensors.map((tensor) =>
      tensor === null ? null : tensorType(tensor, this.#recorder.layer),
    );
    if (isNoOp(name, tensors[0], attributes)) return this.#alias(tensors[0]);
    checkLayout(name, attributes, this.#recorder.layer);
    const result = kernel.rule(types as TensorType[], attributes);
    const outputs = Array.isArray(result) ? result : [result];
    const ids = tensors.map((tensor) => (tensor === null ? null : this.valueIdOf(tensor)));
    const values = this.#recorder.node(name, ids, outputs, plainAttributes(attributes));
    const infos = outputs.map(({ shape, dtype }, i) => ({
      dataId: this.handle(values[i]),
      shape: [...shape],
      dtype,
    }));
    return Array.isArray(result) ? infos : infos[0];
  }

  /**
   * The same value again: nothing to compute, so nothing to record. Clones share data, as on other backends: a gradient
   * may read what was disposed of as long as a clone of it lives.
   */
  #alias(tensor: tf.TensorInfo): tf.TensorInfo {
    const { dtype, shape } = tensor;
    const dataId = this.#entries.has(tensor.dataId) ? tensor.dataId : this.#owned(tensor);
    this.incRef(dataId);
    return { dataId, shape, dtype };
  }

  /** A handle that lives as long as the recording, for what a tensor of another backend stands for now. */
  #owned(tensor: tf.TensorInfo): object {
    const value = this.valueIdOf(tensor);
    const known = this.#owners.get(value);
    if (known !== undefined) return known;
    const dataId = this.handle(value);
    this.#owners.set(value, dataId);
    const { dtype, shape } = tensor;
    tf.keep(tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype }, this));
    return dataId;
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    const type = tensorType({ dataId: {}, shape, dtype }, this.#recorder.layer);
    return this.handle(this.#recorder.constant(type, values));
  }

  /** Numbers of a variable that stays as it is may be read: they are the same at every run. */
  override readSync(dataId: object): tf.backend_util.BackendValues {
    const standIn = this.#standIns.get(dataId);
    if (standIn === undefined || this.#changing.has(dataId)) throw this.#readError(dataId);
    this.#told.add(dataId);
    return tf.engine().readSync(standIn.original);
  }

  /** Never fulfilled: there may be no one to catch an error. {@link requireUnread} throws it. */
  override read(dataId: object): Promise<never> {
    this.#lateRead ??= this.#readError(dataId);
    return new Promise(() => undefined);
  }

  /** @throws {YfError} `NO_TRACE` if the program waits for values. */
  requireUnread(): void {
    if (this.#lateRead !== null) throw this.#lateRead;
  }

  #readError(dataId: object): YfError {
    const { layer } = this.#recorder;
    const variable = this.#standIns.get(dataId)?.variable ?? null;
    const what = variable === null ? "a read" : `a read of the variable ${variable}`;
    const where = layer === null ? "outside of any layer" : `in layer ${layer}`;
    const rule = "may not read values while being traced (dataSync, arraySync, data)";
    const received = `${what} ${where}`;
    return new YfError("NO_TRACE", cannot("trace the model", rule, received), { layer, variable });
  }

  override refCount(dataId: object): number {
    return this.#entries.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: object): void {
    const entry = this.#entries.get(dataId);
    if (entry) entry.references++;
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.#entries.get(dataId);
    if (!entry) return true;
    entry.references--;
    if (entry.references > 0 && !force) return false;
    this.#entries.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.#entries.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override dispose(): void {
    this.#entries.clear();
    this.#foreign.clear();
    this.#standIns.clear();
  }
}

/** Calls that give the same numbers again; the engine clones tensors this way when it saves them for gradients. */
const isNoOp = (name: string, x: tf.TensorInfo | null, { dtype }: KernelAttributes): x is tf.TensorInfo =>
  name === "Identity" || (name === "Cast" && x?.dtype === dtype);

function checkLayout(kernel: string, { dataFormat }: KernelAttributes, layer: string | null): void {
  if (dataFormat !== "NCHW") return;
  const rule = "images must have their channels last";
  throw new YfError("NO_TRACE", cannot("trace the model", rule, `${kernel} in NCHW`), { kernel, layer });
}
