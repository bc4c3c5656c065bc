/** Instantiates a program on the calling thread; loads only the engine that it needs. */
import type { EngineOptions, GradientEngine, Program } from "./engine.ts";

export async function openEngine(program: Program, options: EngineOptions): Promise<GradientEngine> {
  switch (program.engine) {
    case "ort":
      return (await import("./ort-engine.ts")).OrtEngine.open(program, options);
    case "tfjs":
    case "tensorflow":
      return (await import("./tfjs-engine.ts")).TfjsEngine.open(program, options);
    case "reference":
      return (await import("./reference-engine.ts")).ReferenceEngine.open(program, options);
    default:
      return program satisfies never;
  }
}
