/** Instantiates a program on the calling thread; loads only the engine that it needs. */
import type { EngineOptions, GradientEngine, Program } from "./engine.ts";

export async function openEngine(program: Program, options: EngineOptions): Promise<GradientEngine> {
  if (program.engine === "ort") return (await import("./ort-engine.ts")).OrtEngine.open(program, options);
  if (program.engine === "tfjs" || program.engine === "tensorflow") {
    return (await import("./tfjs-engine.ts")).TfjsEngine.open(program, options);
  }
  return (await import("./reference-engine.ts")).ReferenceEngine.open(program, options);
}
