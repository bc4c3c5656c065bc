/**
 * Puts our gradients in the place of those of TensorFlow.js: what `tf.grad`, `tf.variableGrads`, an optimizer and the like
 * differentiate is traced, lowered and computed by ONNX Runtime, as in training.
 */
import { tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { runInOnnxruntime } from "./run-in-onnxruntime.ts";

type Engine = ReturnType<typeof tf.engine>;
type Gradients = Engine["gradients"];

/** Replaces `gradients` of the engine. @param onCall Called at every call that a test makes. */
export function installOurGradients(onCall: () => void): void {
  const engine = tf.engine();
  const original = engine.gradients.bind(engine) as Gradients;
  let isInside = false;
  const gradients: Gradients = (f, xs, dy, allowNoGradients) => {
    // A gradient within a function that is differentiated is a part of that function.
    if (isInside || engine.state.gradientDepth > 0) return original(f, xs, dy, allowNoGradients);
    onCall();
    isInside = true;
    const isTest = tf.env().getBool("IS_TEST");
    try {
      // TensorFlow.js refuses what it does not allow, and knows which gradients there are.
      const theirs = original(f, xs, dy, allowNoGradients);
      // Leaks are counted of backends that have memory of their own.
      tf.env().set("IS_TEST", false);
      const isOurs = (i: number) => theirs.grads[i] !== undefined && isWeight(xs[i], theirs.grads[i]);
      const ours = ourGradients(
        f,
        xs.filter((_, i) => isOurs(i)),
        dy ?? null,
      );
      const grads = theirs.grads.map((gradient: tf.Tensor, i) => {
        if (!isOurs(i)) return gradient;
        const { dtype, shape } = gradient;
        gradient.dispose();
        return tf.tensor(ours.shift() as Float32Array, shape, dtype);
      });
      return { value: theirs.value, grads };
    } finally {
      isInside = false;
      tf.env().set("IS_TEST", isTest);
    }
  };
  engine.gradients = gradients;
}

/** Whether a tensor can be a weight, which are float32; what is not must be something that y does not change with. */
function isWeight({ dtype }: tf.Tensor, gradient: tf.Tensor): boolean {
  if (dtype === "float32") return true;
  if (gradient.dataSync().every((x: number) => x === 0)) return false;
  throw new TypeError(`a weight is float32, not ${dtype}`);
}

function ourGradients(f: () => tf.Tensor, xs: readonly tf.Tensor[], dy: tf.Tensor | null): Float32Array[] {
  const graph = trace({
    model: () => {
      const y = tf.cast(f(), "float32");
      return tf.reshape(y, [1, ...y.shape]);
    },
    variables: xs.map(asVariable),
    loss:
      dy === null
        ? (_, y) => tf.sum(y) as tf.Scalar
        : (weights, y) => tf.sum(tf.mul(weights, y)) as tf.Scalar,
    features: [{ shape: [], dtype: "float32" }],
    labels: dy === null ? [] : [{ shape: dy.shape, dtype: "float32" }],
    batchSize: 1,
    training: true,
  });
  return [
    ...runInOnnxruntime(graph, {
      features: [[0]],
      labels: dy === null ? [] : [dy.dataSync()],
      parameters: Float32Array.from(xs.flatMap((x) => [...x.dataSync()])),
    }).gradients,
  ];
}

/** What is differentiated with respect to, as a parameter: a trace reads nothing but these properties of a variable. */
function asVariable(x: tf.Tensor, index: number): tf.Variable {
  return x instanceof tf.Variable
    ? x
    : (Object.assign(x, { trainable: true, name: `x${index}` }) as tf.Variable);
}
