/**
 * The one door to onnxruntime-node: a session over buffers that are allocated once.
 *
 * Owns the session options. Tensors are made once over private (never shared) buffers; onnxruntime reads and writes them
 * in place at each run.
 */
import * as ort from "onnxruntime-node";
import { keepFreedMemory } from "./keep-freed-memory.ts";

keepFreedMemory();

export type SessionArray = Float32Array | Int32Array;

/** A named tensor: its elements are read (input) or written (output) in place. */
export interface Binding {
  readonly name: string;
  readonly data: SessionArray;
  readonly shape: readonly number[];
}

export interface SessionOptions {
  /** Whether to lay all intermediate results out in one block after the first run: faster, nearly twice the memory. */
  readonly planMemory: boolean;
}

/** Severity from which onnxruntime prints: errors only, warnings about constant folding help nobody here. */
const logErrors = 3;

export class OrtSession {
  readonly #session: ort.InferenceSession;
  readonly #feeds: Record<string, ort.Tensor>;
  readonly #fetches: Record<string, ort.Tensor>;

  private constructor(
    session: ort.InferenceSession,
    inputs: readonly Binding[],
    outputs: readonly Binding[],
  ) {
    this.#session = session;
    this.#feeds = tensors(inputs.filter(({ name }) => session.inputNames.includes(name)));
    this.#fetches = tensors(outputs);
  }

  /**
   * Creates a session that computes on one thread, the caller's.
   *
   * @param bytes An ONNX model. @param inputs Every input of the model; those that it does not use are left out.
   */
  static async create(
    bytes: Uint8Array,
    inputs: readonly Binding[],
    outputs: readonly Binding[],
    { planMemory }: SessionOptions,
  ): Promise<OrtSession> {
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: ["cpu"],
      enableMemPattern: planMemory,
      executionMode: "sequential",
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: logErrors,
    });
    return new OrtSession(session, inputs, outputs);
  }

  /** Runs the model on what the inputs hold now; afterwards the outputs hold the results. */
  async run(): Promise<void> {
    await this.#session.run(this.#feeds, this.#fetches);
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

function tensors(bindings: readonly Binding[]): Record<string, ort.Tensor> {
  return Object.fromEntries(
    bindings.map(({ name, data, shape }) => [
      name,
      data instanceof Float32Array
        ? new ort.Tensor("float32", data, shape)
        : new ort.Tensor("int32", data, shape),
    ]),
  );
}
