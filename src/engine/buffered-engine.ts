/** What every engine has alike: its program, the arrays that it reads and writes, and what its program draws. */
import { draw } from "../graph/kernels/random.ts";
import { allocateBuffers } from "./buffers.ts";
import type { EngineBuffers, EngineOptions, GradientEngine, Program } from "./engine.ts";

export abstract class BufferedEngine<P extends Program> implements GradientEngine {
  readonly program: P;
  readonly buffers: EngineBuffers;
  readonly #seed: number;

  protected constructor(program: P, { buffers, seed }: EngineOptions) {
    this.program = program;
    this.buffers = allocateBuffers(program, buffers);
    this.#seed = seed;
  }

  async run(stream = 0): Promise<number> {
    draw(this.program.random, this.#seed, stream, this.buffers.draws);
    return this.compute();
  }

  /** Computes everything for what the buffers hold now. @returns The mean loss. */
  protected abstract compute(): number | Promise<number>;

  abstract dispose(): Promise<void>;
}
