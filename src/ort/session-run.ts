/**
 * One thread's use of a session: arrays that it reads and writes in place, at every run the same.
 *
 * The arrays may lie in memory that threads share. They must lie where they are for good: in a SharedArrayBuffer or a
 * shared WebAssembly.Memory that never grows, which JavaScript engines neither move nor detach.
 */
import { type Address, addressOf, type CApi, cApi, cpuMemory } from "./c-api.ts";
import type { SessionHandle } from "./session.ts";
import { inTurn } from "./turn.ts";

export type SessionArray = Float32Array | Int32Array;

/** A named tensor: its elements are read (input) or written (output) in place. */
export interface Binding {
  readonly name: string;
  readonly data: SessionArray;
  readonly shape: readonly number[];
}

/** `ONNXTensorElementDataType`. */
const elementTypes = { float32: 1, int32: 6 };

/** `kOrtRunOptionsConfigEnableMemoryArenaShrinkage`, of the processor's memory. */
const givesMemoryBack = ["memory.enable_memory_arena_shrinkage", "cpu:0"] as const;

export class SessionRun {
  readonly #session: SessionHandle;
  readonly #api: CApi;
  readonly #inputs: BoundTensors;
  readonly #outputs: BoundTensors;
  /**
   * Of the first run, which piles up results one by one for want of a plan: it gives the memory back. Else that would stay
   * beside the block that all later ones use. Null for none.
   */
  #options: Address | null;

  /** @param inputs Every input of the model; those that it does not use are left out. */
  constructor(session: SessionHandle, inputs: readonly Binding[], outputs: readonly Binding[]) {
    this.#session = session;
    this.#api = cApi(session.device);
    const used = inputs.filter(({ name }) => session.inputNames.includes(name));
    this.#inputs = new BoundTensors(this.#api, used);
    this.#outputs = new BoundTensors(this.#api, outputs);
    this.#options = session.planned ? this.#api.create("createRunOptions") : null;
    if (this.#options !== null) this.#api.addRunConfigEntry(this.#options, ...givesMemoryBack);
  }

  /**
   * Runs the model on what the inputs hold now, on the calling thread; afterwards the outputs hold the results. On WebGPU it
   * may wait for other threads.
   *
   * @throws {YfError} ENGINE_FAILED.
   */
  async run(): Promise<void> {
    await inTurn(this.#session.turn, () => this.runInTurn());
  }

  /** As {@link run}, for who has the turn, or needs none. */
  runInTurn(): void {
    const inputs = this.#inputs;
    const outputs = this.#outputs;
    this.#api.run(
      this.#session.address,
      this.#options,
      inputs.names,
      inputs.values,
      inputs.count,
      outputs.names,
      outputs.count,
      outputs.values,
    );
    this.#releaseOptions();
  }

  #releaseOptions(): void {
    if (this.#options !== null) this.#api.release("runOptions", this.#options);
    this.#options = null;
  }

  dispose(): void {
    this.#releaseOptions();
    this.#inputs.dispose();
    this.#outputs.dispose();
  }
}

/** Tensors over arrays of the caller, with their names, as lists of addresses. */
class BoundTensors {
  readonly count: number;
  readonly names: BigUint64Array;
  readonly values: BigUint64Array;
  /** Here only so that the memory behind the addresses lives on. */
  readonly held: readonly unknown[];

  readonly #api: CApi;

  constructor(api: CApi, bindings: readonly Binding[]) {
    this.#api = api;
    const names = bindings.map(({ name }) => fixed(Buffer.from(`${name}\0`)));
    this.count = bindings.length;
    this.names = BigUint64Array.from(names, (name) => addressOf(name));
    this.values = BigUint64Array.from(bindings, (binding) => tensor(api, binding));
    this.held = [names, bindings];
  }

  dispose(): void {
    for (const value of this.values) this.#api.release("value", value);
    this.values.fill(0n);
  }
}

function tensor(api: CApi, { data, shape }: Binding): Address {
  if (!(data.buffer instanceof SharedArrayBuffer)) {
    throw new TypeError("Cannot bind a tensor: its array must be in shared memory (got an ArrayBuffer)");
  }
  const memory = api.create("createCpuMemoryInfo", ...cpuMemory);
  try {
    const type = data instanceof Float32Array ? elementTypes.float32 : elementTypes.int32;
    const sizes = BigInt64Array.from(shape, BigInt);
    return api.create(
      "createTensorWithDataAsOrtValue",
      memory,
      data,
      data.byteLength,
      sizes,
      sizes.length,
      type,
    );
  } finally {
    api.release("memoryInfo", memory);
  }
}

/** A copy that the garbage collector does not move. */
function fixed(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
