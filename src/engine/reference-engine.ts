/** The slow engine: the graph's interpreter in float64. To check other engines with, and to run what they cannot. */
import type { Graph } from "../graph/graph.ts";
import { interpret } from "../graph/interpreter.ts";
import { draw } from "../graph/kernels/random.ts";
import { allocateBuffers } from "./buffers.ts";
import type { ColumnBuffer, EngineOptions, GradientEngine, Program } from "./engine.ts";

export class ReferenceEngine implements GradientEngine {
  readonly program: Program;
  readonly features: readonly ColumnBuffer[];
  readonly labels: readonly ColumnBuffer[];
  readonly parameters: Float32Array;
  readonly state: Float32Array;
  readonly gradient: Float32Array;
  readonly nextState: Float32Array;
  readonly predictions: readonly Float32Array[];
  readonly #draws: Float32Array;
  readonly #seed: number;

  private constructor(program: Program, { buffers, seed }: EngineOptions) {
    this.program = program;
    const { draws, features, gradient, labels, nextState, parameters, predictions, state } = allocateBuffers(
      program,
      buffers,
    );
    this.features = features;
    this.labels = labels;
    this.parameters = parameters;
    this.state = state;
    this.gradient = gradient;
    this.nextState = nextState;
    this.predictions = predictions;
    this.#draws = draws;
    this.#seed = seed;
  }

  static async open(program: Program, options: EngineOptions): Promise<ReferenceEngine> {
    return new ReferenceEngine(program, options);
  }

  async run(stream = 0): Promise<number> {
    draw(this.program.random, this.#seed, stream, this.#draws);
    const { features, labels, parameters, program, state } = this;
    const {
      loss,
      predictions,
      gradients,
      state: nextState,
    } = interpret(program.code as Graph, {
      features,
      labels,
      parameters,
      state,
      draws: this.#draws,
    });
    this.nextState.set(nextState);
    if (program.training) this.gradient.set(gradients);
    else for (const [i, output] of predictions.entries()) this.predictions[i].set(output);
    return loss;
  }

  async dispose(): Promise<void> {}
}
