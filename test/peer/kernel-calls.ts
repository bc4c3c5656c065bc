/** The kernel calls that tests of TensorFlow.js make on its backend `cpu`, and the same calls traced and computed by us. */
import { createHash } from "node:crypto";
import { interpret } from "../../src/graph/interpreter.ts";
import { tf } from "../../src/tfjs/tf.ts";
import { trace } from "../../src/tfjs/trace.ts";
import { runInOnnxruntime } from "./run-in-onnxruntime.ts";

/** A tensor as plain data; null where it is text or complex. */
interface Value {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number> | null;
}

/** One call, and what `cpu` made of it. */
export interface KernelCall {
  readonly kernel: string;
  /** Names of the inputs; null for a kernel that takes a list. */
  readonly names: readonly string[] | null;
  readonly inputs: readonly Value[];
  readonly attributes: tf.NamedAttrMap;
  readonly outputs: readonly Value[];
}

/** Records every call of a kernel on `cpu` from now on. */
export function recordKernelCalls(onCall: (call: KernelCall) => void): void {
  for (const config of tf.getKernelsForBackend("cpu")) {
    const { kernelFunc } = config;
    config.kernelFunc = (parameters) => {
      const { attrs = {}, backend, inputs } = parameters;
      // Ragged kernels have lists among their inputs.
      const given = Object.entries(
        inputs as Readonly<Record<string, tf.TensorInfo | tf.TensorInfo[] | undefined>>,
      )
        .flatMap(([name, info]) => [info].flat().map((one) => [name, one] as const))
        .filter((entry): entry is readonly [string, tf.TensorInfo] => Boolean(entry[1]));
      const before = given.map(([, info]) => readValue(info, backend));
      const attributes = structuredClone(attrs);
      const result = kernelFunc(parameters);
      onCall({
        kernel: config.kernelName,
        names: Array.isArray(inputs) ? null : given.map(([name]) => name),
        inputs: before,
        attributes,
        outputs: [result].flat().map((info) => readValue(info, backend)),
      });
      return result;
    };
  }
}

function readValue({ dataId, dtype, shape }: tf.TensorInfo, backend: unknown): Value {
  const { data } = backend as { data: { get(dataId: object): { values: ArrayLike<number> } } };
  const isPlain = dtype === "float32" || dtype === "int32" || dtype === "bool";
  return { dtype, shape: [...shape], data: isPlain ? Float64Array.from(data.get(dataId).values) : null };
}

/** A short text that is the same for equal calls. */
export function keyOf({ outputs: _, ...call }: KernelCall): string {
  const text = JSON.stringify(call, (_key, value) =>
    ArrayBuffer.isView(value)
      ? [...(value as Float64Array)].map(String)
      : value === undefined
        ? "undefined"
        : value,
  );
  return createHash("sha256").update(text).digest("base64");
}

/**
 * Makes the same call in a trace and computes it by the interpreter and by ONNX Runtime.
 *
 * @returns What is not as on `cpu`, in a few words; null where all is.
 */
export function disagreement({ attributes, inputs, kernel, names, outputs }: KernelCall): string | null {
  const complex = [...inputs, ...outputs].find(({ data }) => data === null);
  if (complex !== undefined) return `of ${complex.dtype}`;
  const type = ({ dtype }: Value) => (dtype === "float32" ? "float32" : "int32");
  const unused = tf.variable(tf.scalar(0));
  try {
    const graph = trace({
      model: (given) => {
        const columns = inputs.length === 1 ? [given] : given;
        const tensors = inputs.map(({ dtype, shape }, i) =>
          tf.cast(tf.reshape(columns[i], [...shape]), dtype as tf.DataType),
        );
        const named =
          names === null ? tensors : Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
        const results: tf.Tensor[] = [
          tf.engine().runKernel(kernel, named as tf.NamedTensorMap, attributes) as tf.Tensor | tf.Tensor[],
        ].flat();
        return results.map((result, i) => {
          const { dtype, shape } = outputs[i];
          if (result.dtype !== dtype || `${result.shape}` !== `${shape}`) {
            throw new TypeError(`${result.dtype} [${result.shape}] is not ${dtype} [${shape}]`);
          }
          return tf.reshape(tf.cast(result, "float32"), [1, ...shape]);
        });
      },
      variables: [unused],
      loss: () => tf.scalar(0),
      features:
        inputs.length === 0
          ? [{ shape: [], dtype: "float32" }]
          : inputs.map((input) => ({ shape: input.shape, dtype: type(input) })),
      labels: [],
      batchSize: 1,
      training: false,
    });
    const features = inputs.length === 0 ? [[0]] : inputs.map(({ data }) => data as ArrayLike<number>);
    const given = { features, labels: [], parameters: Float32Array.of(0) };
    const wanted = outputs.map(({ data }) => Float32Array.from(data as ArrayLike<number>));
    return (
      difference(interpret(graph, given).predictions, wanted, "the interpreter") ??
      difference(runInOnnxruntime(graph, given).predictions, wanted, "ONNX Runtime")
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    unused.dispose();
  }
}

/** Largest difference that is allowed, as a fraction of the largest finite element. */
const tolerance = 1e-5;

function difference(
  actual: readonly ArrayLike<number>[],
  wanted: readonly Float32Array[],
  who: string,
): string | null {
  for (const [output, numbers] of wanted.entries()) {
    const finite = numbers.filter(Number.isFinite).map(Math.abs);
    const allowed = tolerance * finite.reduce((a, b) => Math.max(a, b), 1e-6);
    for (const [i, right] of numbers.entries()) {
      const ours = actual[output][i];
      if (Object.is(ours, right) || ours === right || Math.abs(ours - right) <= allowed) continue;
      return `${who} has ${ours} where TensorFlow.js has ${right}`;
    }
  }
  return null;
}
