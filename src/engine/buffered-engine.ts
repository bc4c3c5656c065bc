/** What every engine has alike: its program, the arrays that it reads and writes, and what its program draws. */
import { draw } from "../graph/kernels/random.ts";
import { allocateBuffers } from "./buffers.ts";
import type { ColumnBuffer, EngineOptions, GradientEngine, Program } from "./engine.ts";

export abstract class BufferedEngine implements GradientEngine {
  readonly program: Program;
  readonly features: readonly ColumnBuffer[];
  readonly labels: readonly ColumnBuffer[];
  readonly parameters: Float32Array;
  readonly state: Float32Array;
  readonly gradient: Float32Array;
  readonly nextState: Float32Array;
  readonly predictions: readonly Float32Array[];
  /** What the random operators drew for the run. */
  protected readonly draws: Float32Array;
  readonly #seed: number;

  protected constructor(program: Program, { buffers, seed }: EngineOptions) {
    const allocated = allocateBuffers(program, buffers);
    this.program = program;
    this.features = allocated.features;
    this.labels = allocated.labels;
    this.parameters = allocated.parameters;
    this.state = allocated.state;
    this.gradient = allocated.gradient;
    this.nextState = allocated.nextState;
    this.predictions = allocated.predictions;
    this.draws = allocated.draws;
    this.#seed = seed;
  }

  async run(stream = 0): Promise<number> {
    draw(this.program.random, this.#seed, stream, this.draws);
    return this.compute();
  }

  /** Computes everything for what the buffers hold now. @returns The mean loss. */
  protected abstract compute(): number | Promise<number>;

  abstract dispose(): Promise<void>;
}
