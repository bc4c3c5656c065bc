/** Updates by hand on each engine: the traced program of a subject, and x ← x − rate·g. */
import { compile } from "../../src/engine/compile.ts";
import type { EngineName } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open-engine.ts";
import { layers } from "../../src/tfjs/tf.ts";
import { traceWithState } from "../../src/tfjs/trace.ts";
import { readFlat, readWeights } from "../../src/tfjs/weights.ts";
import { hasTensorflow } from "../engine/tensorflow.ts";
import type { Subject } from "./agreement.ts";

/** The engines that work here. */
export const engineNames: readonly EngineName[] = [
  "ort",
  "tfjs",
  "reference",
  ...(hasTensorflow ? (["tensorflow"] as const) : []),
];

/** Numbers of a minibatch, a column each, row by row. */
export interface Numbers {
  readonly features: readonly (readonly number[])[];
  readonly labels: readonly (readonly number[])[];
}

export interface Steps {
  /** Flat weights after the last step. */
  readonly weights: readonly number[];
  /** Flat state after the last step. */
  readonly state: readonly number[];
  /** Before the first step, and before the last one. */
  readonly losses: readonly number[];
}

/** Does `steps` updates with the same minibatch; the model keeps its weights. */
export async function sgd(
  engineName: EngineName,
  subject: Subject,
  { features, labels }: Numbers,
  { rate = 0.1, steps = 1 } = {},
): Promise<Steps> {
  const { graph, state } = traceWithState({ ...subject, training: true });
  const source = subject.model instanceof layers.LayersModel ? subject.model : (subject.variables ?? []);
  const program = compile(graph, engineName);
  const engine = await openEngine(program, { seed: 0, lowMemory: true });
  try {
    engine.buffers.parameters.set(readWeights(source).flat);
    engine.buffers.state.set(readFlat(state).flat);
    for (const [i, column] of features.entries()) engine.buffers.features[i].set(column);
    for (const [i, column] of labels.entries()) engine.buffers.labels[i].set(column);
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      losses.push(await engine.run());
      for (const [i, slope] of engine.buffers.gradient.entries())
        engine.buffers.parameters[i] -= rate * slope;
      engine.buffers.state.set(engine.buffers.nextState);
    }
    return { weights: [...engine.buffers.parameters], state: [...engine.buffers.state], losses };
  } finally {
    await engine.dispose();
  }
}
