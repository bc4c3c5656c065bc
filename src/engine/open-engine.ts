/** Instantiates a program on the calling thread; loads only the engine that it needs. */
import type { GradientEngine, Program } from "./engine.ts";

export async function openEngine(program: Program): Promise<GradientEngine> {
  if (program.engine === "ort") return (await import("./ort-engine.ts")).OrtEngine.open(program);
  return (await import("./reference-engine.ts")).ReferenceEngine.open(program);
}
