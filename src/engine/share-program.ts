/** Prepares a program once for all threads of the process. */
import { requireDevice } from "../ort/append-provider.ts";
import { OrtSession } from "../ort/session.ts";
import type { EngineOptions, Program } from "./engine.ts";
import { openEngine } from "./open-engine.ts";

export interface SharedProgram {
  /** To be sent to any number of threads. */
  readonly program: Program;
  /** Frees what the threads share. No engine of the program may be open any more, on any thread. */
  release(): Promise<void>;
}

/**
 * Opens the session of a program, so that threads need none of their own: less memory and a quicker start. TensorFlow
 * starts here, as the environment of the main thread is the one that native code sees.
 *
 * On CUDA each thread opens its own all the same: a session there has one stream, and its runs would take turns.
 *
 * @throws {YfError} NO_ENGINE, NO_DEVICE, ENGINE_FAILED.
 */
export async function shareProgram(
  program: Program,
  options: Pick<EngineOptions, "lowMemory">,
): Promise<SharedProgram> {
  const unshared = { program, release: async () => undefined };
  if (program.engine === "ort") {
    const { code, device } = program;
    if (device === "cuda") {
      requireDevice(device);
      return unshared;
    }
    const session = await OrtSession.create(code, { device, planMemory: !options.lowMemory });
    return { program: { ...program, session: session.handle }, release: () => session.dispose() };
  }
  if (program.engine === "tensorflow") await (await openEngine(program, { ...options, seed: 0 })).dispose();
  return unshared;
}
