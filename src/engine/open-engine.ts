/** Instantiates a program on the calling thread; loads only the engine that it needs. */
import type { GradientEngine, Program } from "./engine.ts";

/** @param seed Of what the program draws, such as dropout masks; an int32. */
export async function openEngine(program: Program, seed: number): Promise<GradientEngine> {
  if (program.engine === "ort") return (await import("./ort-engine.ts")).OrtEngine.open(program, seed);
  return (await import("./reference-engine.ts")).ReferenceEngine.open(program, seed);
}
