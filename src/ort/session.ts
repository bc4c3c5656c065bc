/**
 * A model that ONNX Runtime holds ready, for all threads of the process at once.
 *
 * Owns the session options. A session computes on the thread that calls; any number of threads may run it at the same
 * time, each with a {@link SessionRun} of its own (`session-run.ts`).
 */
import { appendProvider } from "./append-provider.ts";
import { type Address, type CApi, cApi, textAt } from "./c-api.ts";
import type { Device } from "./device.ts";
import { environmentFor } from "./environment.ts";
import { inTurn, processTurn } from "./turn.ts";

/** `kOrtSessionOptionsConfigUseEnvAllocators`. */
const sharesArena = ["session.use_env_allocators", "1"] as const;

export interface SessionOptions {
  readonly device: Device;
  /** Whether to lay the intermediate results of a run out in one block, from the second run on: faster. */
  readonly planMemory: boolean;
}

/** What a thread must know to run a session; survives a structured clone. */
export interface SessionHandle {
  readonly address: Address;
  readonly device: Device;
  /** Memory of the lock that everyone holds who uses the session; null where any number of threads may. */
  readonly turn: Int32Array | null;
  /** Whether runs after the first lay their intermediate results out in one block. */
  readonly planned: boolean;
  /** Inputs that the model uses, in its order. */
  readonly inputNames: readonly string[];
}

export class OrtSession {
  readonly handle: SessionHandle;
  #open = true;

  private constructor(handle: SessionHandle) {
    this.handle = handle;
  }

  /**
   * @param bytes An ONNX model; not needed afterwards.
   * @throws {YfError} NO_ENGINE, NO_DEVICE, ENGINE_FAILED.
   */
  static create(bytes: Uint8Array, options: SessionOptions): Promise<OrtSession> {
    const turn = options.device === "webgpu" ? processTurn : null;
    return inTurn(turn, () => OrtSession.#created(bytes, options, turn));
  }

  /** As {@link create}, at once: on the CPU there is no turn to wait for. */
  static createOnCpu(bytes: Uint8Array, options: Omit<SessionOptions, "device">): OrtSession {
    return OrtSession.#created(bytes, { ...options, device: "cpu" }, null);
  }

  static #created(
    bytes: Uint8Array,
    { device, planMemory }: SessionOptions,
    turn: Int32Array | null,
  ): OrtSession {
    const api = cApi(device);
    const environment = environmentFor(device);
    const options = api.create("createSessionOptions");
    try {
      api.setIntraOpNumThreads(options, 1);
      api.setInterOpNumThreads(options, 1);
      if (!planMemory) api.disableMemPattern(options);
      if (device === "cpu") api.addSessionConfigEntry(options, ...sharesArena);
      appendProvider(device, options, bytes);
      const address = api.create("createSessionFromArray", environment, bytes, bytes.length, options);
      const planned = planMemory && device === "cpu";
      return new OrtSession({ address, device, turn, planned, inputNames: inputNames(api, address) });
    } finally {
      api.release("sessionOptions", options);
    }
  }

  /** Frees it. No thread may be running it, or run it again. */
  async dispose(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    const { address, device, turn } = this.handle;
    await inTurn(turn, () => cApi(device).release("session", address));
  }
}

function inputNames(api: CApi, session: Address): string[] {
  const allocator = api.create("getAllocatorWithDefaultOptions");
  const count = Number(api.create("sessionGetInputCount", session));
  return Array.from({ length: count }, (_, index) => {
    const name = api.create("sessionGetInputName", session, index, allocator);
    const text = textAt(name);
    api.allocatorFree(allocator, name);
    return text;
  });
}
