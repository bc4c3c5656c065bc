/** The slow engine: the graph's interpreter in float64. To check other engines with, and to run what they cannot. */
import type { Graph } from "../graph/graph.ts";
import { interpret } from "../graph/interpreter.ts";
import { BufferedEngine } from "./buffered-engine.ts";
import type { EngineOptions, Program } from "./engine.ts";

export class ReferenceEngine extends BufferedEngine {
  static async open(program: Program, options: EngineOptions): Promise<ReferenceEngine> {
    return new ReferenceEngine(program, options);
  }

  protected compute(): number {
    const { draws, features, labels, parameters, program, state } = this;
    const given = { features, labels, parameters, state, draws };
    const { gradients, loss, predictions, state: nextState } = interpret(program.code as Graph, given);
    this.nextState.set(nextState);
    if (program.training) this.gradient.set(gradients);
    else for (const [i, output] of predictions.entries()) this.predictions[i].set(output);
    return loss;
  }

  async dispose(): Promise<void> {}
}
