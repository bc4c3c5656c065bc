/** The slow engine: the graph's interpreter in float64. To check other engines with, and to run what they cannot. */
import { interpret } from "../graph/interpreter.ts";
import { BufferedEngine } from "./buffered-engine.ts";
import type { EngineOptions, GraphProgram } from "./engine.ts";

export class ReferenceEngine extends BufferedEngine<GraphProgram> {
  static async open(program: GraphProgram, options: EngineOptions): Promise<ReferenceEngine> {
    return new ReferenceEngine(program, options);
  }

  protected compute(): number {
    const { buffers, program } = this;
    const { gradients, loss, predictions, state } = interpret(program.code, buffers);
    buffers.nextState.set(state);
    if (program.training) buffers.gradient.set(gradients);
    else for (const [i, output] of predictions.entries()) buffers.predictions[i].set(output);
    return loss;
  }

  async dispose(): Promise<void> {}
}
