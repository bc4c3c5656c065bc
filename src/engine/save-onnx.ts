/** Writes the inference graph of a model as an ONNX file, which every ONNX runtime runs. Main thread only. */
import { cannot, YfError } from "../errors.ts";
import { lowerInference } from "../onnx/lower.ts";
import { encodeModel } from "../onnx/model-proto.ts";
import { probeSizes, symbolicBatch } from "../onnx/symbolic-batch.ts";
import { writeFileAtomically } from "../report/write-file-atomically.ts";
import { inputNames, outputNames } from "../tfjs/column-names.ts";
import { type layers, tf } from "../tfjs/tf.ts";
import { type ExampleType, trace } from "../tfjs/trace.ts";
import { readWeights } from "../tfjs/weights.ts";

/**
 * Saves what a model predicts, in inference mode, as an ONNX graph of operator set 18 with the weights inside.
 *
 * Its input `features` is `[batch, ...]` and its output `predictions` `[batch, ...]`, float32, channels last. Where the
 * model has several inputs or outputs, they have the names of its layers. The batch is free where
 * the model's layers allow it, else 1.
 *
 * @param file Overwritten if it is there; its folder must exist.
 * @returns The batch of the graph: `"any"` or 1.
 * @throws {YfError} `NO_LOWERING`, `NO_TRACE` or `BAD_MODEL` if the model has no such graph, `NOT_WRITABLE`.
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { saveOnnx } from "yf-async";
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * saveOnnx(model, join(mkdtempSync(join(tmpdir(), "line-")), "line.onnx")); // → "any"
 * ```
 */
export function saveOnnx(model: layers.LayersModel, file: string): "any" | 1 {
  const weights = readWeights(model).flat;
  const names = outputNames(model);
  const outputs = names.length === 1 ? ["predictions"] : names.map((name, i) => unique(names, name, i));
  const lowered = (batchSize: number) => lowerInference(inferenceGraph(model, batchSize), weights, outputs);
  const [p, q, r] = probeSizes;
  const free = symbolicBatch([lowered(p), lowered(q), lowered(r)]);
  writeFileAtomically(file, encodeModel(free ?? lowered(1)));
  return free === null ? 1 : "any";
}

/** An output's name; numbered where a layer has several outputs. */
function unique(names: readonly (string | undefined)[], name = "predictions", i: number): string {
  return names.filter((other) => other === name).length === 1 ? name : `${name}_${i}`;
}

function inferenceGraph(model: layers.LayersModel, batchSize: number) {
  const names = inputNames(model);
  const features = names.map((name, i): ExampleType => {
    const { dtype, shape } = model.inputs[i];
    if (shape.slice(1).some((size) => size === null)) {
      const rule = "every dimension of its input but the batch must have a size";
      throw new YfError("BAD_MODEL", cannot(`save ${model.name} as ONNX`, rule, shape));
    }
    return {
      shape: shape.slice(1) as number[],
      dtype: dtype === "int32" ? "int32" : "float32",
      ...(names.length === 1 ? {} : { name }),
    };
  });
  return trace({
    model,
    // A trace has a loss; here nothing reads it.
    loss: () => tf.scalar(0),
    features,
    labels: [],
    batchSize,
    training: false,
  });
}
