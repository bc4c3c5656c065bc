/** Prepares a program once for all threads of the process. */
import { OrtSession } from "../ort/session.ts";
import type { EngineOptions, Program } from "./engine.ts";
import { openEngine } from "./open-engine.ts";

export interface SharedProgram {
  /** To be sent to any number of threads. */
  readonly program: Program;
  /** Frees what the threads share. No engine of the program may be open any more, on any thread. */
  release(): void;
}

/**
 * Opens the session of a program, so that threads need none of their own: less memory and a quicker start. TensorFlow
 * starts here, as the environment of the main thread is the one that native code sees.
 *
 * @throws {YfError} NO_ENGINE, ENGINE_FAILED.
 */
export async function shareProgram(
  program: Program,
  options: Pick<EngineOptions, "frugal">,
): Promise<SharedProgram> {
  if (program.engine === "ort") {
    const session = OrtSession.create(program.code as Uint8Array, { planMemory: !options.frugal });
    return { program: { ...program, session: session.handle }, release: () => session.dispose() };
  }
  if (program.engine === "tensorflow") await (await openEngine(program, { ...options, seed: 0 })).dispose();
  return { program, release: () => undefined };
}
