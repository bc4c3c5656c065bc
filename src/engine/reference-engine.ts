/** The slow engine: the graph's interpreter in float64. To check other engines with, and to run what they cannot. */
import type { Graph, TensorType } from "../graph/graph.ts";
import { interpret } from "../graph/interpreter.ts";
import { createRandom } from "../math/random.ts";
import type { EngineOptions, GradientEngine, Program } from "./engine.ts";

const sizeOf = ({ shape }: TensorType) => shape.reduce((product, size) => product * size, 1);

const arrayFor = (type: TensorType) =>
  type.dtype === "float32" ? new Float32Array(sizeOf(type)) : new Int32Array(sizeOf(type));

export class ReferenceEngine implements GradientEngine {
  readonly program: Program;
  readonly features: Float32Array | Int32Array;
  readonly labels: Float32Array | Int32Array;
  readonly parameters: Float32Array;
  readonly gradient: Float32Array;
  readonly predictions: Float32Array;
  readonly #random: () => number;

  private constructor(program: Program, seed: number) {
    this.program = program;
    this.features = arrayFor(program.features);
    this.labels = arrayFor(program.labels);
    this.parameters = new Float32Array(program.parameterCount);
    this.gradient = new Float32Array(program.training ? program.parameterCount : 0);
    this.predictions = new Float32Array(program.training ? 0 : sizeOf(program.predictions));
    this.#random = createRandom(seed);
  }

  static async open(program: Program, { seed }: EngineOptions): Promise<ReferenceEngine> {
    return new ReferenceEngine(program, seed);
  }

  async run(): Promise<number> {
    const { features, labels, parameters, program } = this;
    const { loss, predictions, gradients } = interpret(program.code as Graph, {
      features,
      labels,
      parameters,
      random: this.#random,
    });
    if (program.training) this.gradient.set(gradients);
    else this.predictions.set(predictions);
    return loss;
  }

  async dispose(): Promise<void> {}
}
