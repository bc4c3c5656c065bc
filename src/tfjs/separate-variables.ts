/**
 * Gives every variable data of its own for the time of a recording.
 *
 * TensorFlow.js shares the numbers of tensors until one is written: `tf.variable(t)`, `clone`, `reshape` and
 * `B.setWeights(A.getWeights())` leave several variables, or a variable and a plain tensor, with one data id. A recording
 * tells values apart by their data ids, so that one variable would stand for all of them.
 */
import { tf } from "./tf.ts";
import type { TraceBackend } from "./trace-backend.ts";

/**
 * Every variable of the process reads as one of the trace backend until the returned function is called.
 *
 * Not only those of the model: a loss may read any, and what it assigns must not change its siblings.
 */
export function separateVariables(backend: TraceBackend): () => void {
  const engine = tf.engine();
  const undo = Object.values(engine.registeredVariables).map((variable) => {
    const { dataId, dtype, shape } = variable;
    const own = engine.makeTensorFromTensorInfo(
      { dataId: backend.standIn(dataId, variable.name), shape, dtype },
      backend,
    );
    variable.dataId = own.dataId;
    return () => {
      variable.dataId = dataId;
      own.dispose();
    };
  });
  return () => {
    for (const restore of undo) restore();
  };
}
