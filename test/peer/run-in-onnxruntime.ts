/** Runs a graph once in ONNX Runtime, before it returns: a test of TensorFlow.js does not wait for its gradient. */
import type { Graph, Parameter, ValueId } from "../../src/graph/graph.ts";
import type { InterpreterInputs } from "../../src/graph/interpreter.ts";
import { lower } from "../../src/onnx/lower.ts";
import { modelNames } from "../../src/onnx/model-names.ts";
import { OrtSession } from "../../src/ort/session.ts";
import { type Binding, SessionRun } from "../../src/ort/session-run.ts";

/** Outputs of a run, flat; no predictions of a graph with gradients. */
export interface Outputs {
  readonly gradients: readonly Float32Array[];
  readonly predictions: readonly Float32Array[];
}

export function runInOnnxruntime(graph: Graph, inputs: InterpreterInputs): Outputs {
  const session = OrtSession.createOnCpu(lower(graph), { planMemory: false });
  const binding = (name: string, value: ValueId, numbers: ArrayLike<number>): Binding => {
    const { dtype, shape } = graph.values[value];
    const memory = new SharedArrayBuffer(4 * numbers.length);
    const data = dtype === "float32" ? new Float32Array(memory) : new Int32Array(memory);
    data.set(numbers);
    return { name, data, shape };
  };
  const zeros = (value: ValueId) => new Float32Array(sizeOf(graph.values[value].shape));
  const { features, labels, outputs, parameters } = graph;
  const slice = ({ length, offset }: Parameter) => inputs.parameters.subarray(offset, offset + length);
  const gradients = outputs.gradients.map((value, i) => binding(modelNames.gradient(i), value, zeros(value)));
  const predictions =
    gradients.length > 0
      ? []
      : outputs.predictions.map((value, i) => binding(modelNames.predictions(i), value, zeros(value)));
  const run = new SessionRun(
    session.handle,
    [
      ...features.map(({ value }, i) => binding(modelNames.features(i), value, inputs.features[i])),
      ...labels.map(({ value }, i) => binding(modelNames.labels(i), value, inputs.labels[i])),
      ...parameters.map((part, i) => binding(modelNames.parameter(i), part.value, slice(part))),
    ],
    [binding(modelNames.loss, outputs.loss, [0]), ...gradients, ...predictions],
  );
  try {
    run.runInTurn();
  } finally {
    run.dispose();
    void session.dispose();
  }
  const numbers = (list: readonly Binding[]) => list.map(({ data }) => Float32Array.from(data));
  return { gradients: numbers(gradients), predictions: numbers(predictions) };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
