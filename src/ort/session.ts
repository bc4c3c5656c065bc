/**
 * A model that ONNX Runtime holds ready, for all threads of the process at once.
 *
 * Owns the session options. A session computes on the thread that calls; any number of threads may run it at the same
 * time, each with a {@link SessionRun} of its own (`session-run.ts`).
 */
import { type Address, cApi, textAt } from "./c-api.ts";

export interface SessionOptions {
  /** Whether to lay the intermediate results of a run out in one block: faster, nearly twice the memory. */
  readonly planMemory: boolean;
}

/** What a thread must know to run a session; survives a structured clone. */
export interface SessionHandle {
  readonly address: Address;
  /** Inputs that the model uses, in its order. */
  readonly inputNames: readonly string[];
}

/** Severity from which ONNX Runtime prints: errors only, warnings about constant folding help nobody here. */
const logErrors = 3;

/** One for the process: ONNX Runtime counts who holds it, and it stays until the process ends. */
let environment: Address | null = null;

export class OrtSession {
  readonly handle: SessionHandle;
  #open = true;

  private constructor(handle: SessionHandle) {
    this.handle = handle;
  }

  /**
   * @param bytes An ONNX model; not needed afterwards.
   * @throws {YfError} NO_ENGINE, ENGINE_FAILED.
   */
  static create(bytes: Uint8Array, { planMemory }: SessionOptions): OrtSession {
    const api = cApi();
    environment ??= api.create("createEnv", logErrors, "yf-async");
    const options = api.create("createSessionOptions");
    try {
      api.setIntraOpNumThreads(options, 1);
      api.setInterOpNumThreads(options, 1);
      if (!planMemory) api.disableMemPattern(options);
      const address = api.create("createSessionFromArray", environment, bytes, bytes.length, options);
      return new OrtSession({ address, inputNames: inputNames(address) });
    } finally {
      api.release("sessionOptions", options);
    }
  }

  /** Frees it. No thread may be running it, or run it again. */
  dispose(): void {
    if (this.#open) cApi().release("session", this.handle.address);
    this.#open = false;
  }
}

function inputNames(session: Address): string[] {
  const api = cApi();
  const allocator = api.create("getAllocatorWithDefaultOptions");
  const count = Number(api.create("sessionGetInputCount", session));
  return Array.from({ length: count }, (_, index) => {
    const name = api.create("sessionGetInputName", session, index, allocator);
    const text = textAt(name);
    api.allocatorFree(allocator, name);
    return text;
  });
}
