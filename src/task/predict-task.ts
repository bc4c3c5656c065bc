/** What a model answers to examples in their order, without labels. */
import { setImmediate } from "node:timers/promises";
import type { Dataset } from "../data/dataset.ts";
import { copyRows } from "../data/minibatch.ts";
import { compile } from "../engine/compile.ts";
import type { Target } from "../engine/engine.ts";
import { openEngine } from "../engine/open-engine.ts";
import { indexColumns, requireIndices } from "../tfjs/check-values.ts";
import { type layers, tf } from "../tfjs/tf.ts";
import { trace } from "../tfjs/trace.ts";
import { readWeights } from "../tfjs/weights.ts";
import { evaluationBatchSizes } from "./evaluator.ts";

/** Outputs of the model for some examples, in the order of the data; valid until the next ones come. */
export interface Predicted {
  /** Place of the first example. */
  readonly first: number;
  /** Number of examples. */
  readonly count: number;
  /** `[count, ...]` each, row-major. */
  readonly outputs: readonly Float32Array[];
}

/** @throws {YfError} What tracing and compiling throw; `BAD_DATA` for indices of rows that a layer has not. */
export async function* predictTask(
  model: layers.LayersModel,
  { features, length }: Pick<Dataset, "features" | "length">,
  target: Target,
): AsyncGenerator<Predicted> {
  const parameters = readWeights(model).flat;
  let first = 0;
  for (const batchSize of evaluationBatchSizes(length)) {
    // A trace has a loss; here nothing reads it.
    const loss = () => tf.scalar(0);
    const graph = trace({ model, loss, features, labels: [], batchSize, training: false });
    for (const indices of indexColumns(graph)) requireIndices(indices, features[indices.column], "the data");
    const engine = await openEngine(compile(graph, target.engine, target.device), {
      seed: 0,
      lowMemory: true,
    });
    try {
      for (; first + batchSize <= length; first += batchSize) {
        engine.buffers.parameters.set(parameters);
        for (const [i, column] of features.entries()) {
          copyRows(column, first, batchSize, engine.buffers.features[i]);
        }
        await engine.run();
        yield { first, count: batchSize, outputs: engine.buffers.predictions };
        await setImmediate();
      }
    } finally {
      await engine.dispose();
    }
  }
}
