/** Writes the inference graph of a model as an ONNX file, which every ONNX runtime runs. Main thread only. */
import { cannot, YfError } from "../errors.ts";
import type { DataDescription } from "../formats/data-description.ts";
import { modelMetadata } from "../formats/model-metadata.ts";
import { lowerInference } from "../onnx/lower.ts";
import { encodeModel, type OnnxModel } from "../onnx/model-proto.ts";
import { probeSizes, symbolicBatch } from "../onnx/symbolic-batch.ts";
import { withPreprocessing } from "../onnx/with-preprocessing.ts";
import { writeFileAtomically } from "../report/write-file-atomically.ts";
import { inputNames, outputNames } from "../tfjs/column-names.ts";
import { type layers, tf } from "../tfjs/tf.ts";
import { type ExampleType, trace } from "../tfjs/trace.ts";
import { readWeights } from "../tfjs/weights.ts";

/** What else an ONNX file holds. */
export interface OnnxOptions {
  /** Of the data that the model was trained on, as `summary.dataDescription` of a run; it goes into the file's metadata. */
  readonly description?: DataDescription | undefined;
  /**
   * Whether the graph begins with what is done to data before the model sees them: the cast, scale and offset of the
   * {@link description}, so that it takes raw bytes of images. Default false.
   */
  readonly preprocessing?: boolean | undefined;
}

/**
 * Saves what a model predicts, in inference mode, as an ONNX graph of operator set 18 with the weights inside.
 *
 * Its input `features` is `[batch, ...]` and its output `predictions` `[batch, ...]`, float32, channels last. Where the
 * model has several inputs or outputs, they have the names of its layers. The batch is free where
 * the model's layers allow it, else 1. Its metadata `classNames`, `featureNames` and `dataDescription` are JSON;
 * `preprocessing` is `included` or `excluded`.
 *
 * @param file Overwritten if it is there; its folder must exist.
 * @returns The batch of the graph: `"any"` or 1.
 * @throws {YfError} `NO_LOWERING`, `NO_TRACE` or `BAD_MODEL` if the model has no such graph, `NOT_WRITABLE`,
 *   `BAD_OPTION` for preprocessing without a description that has the inputs of the model.
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
export function saveOnnx(
  model: layers.LayersModel,
  file: string,
  { description, preprocessing = false }: OnnxOptions = {},
): "any" | 1 {
  const weights = readWeights(model).flat;
  const names = outputNames(model);
  const outputs = names.length === 1 ? ["predictions"] : names.map((name, i) => unique(names, name, i));
  const lowered = (batchSize: number) => lowerInference(inferenceGraph(model, batchSize), weights, outputs);
  const [p, q, r] = probeSizes;
  const free = symbolicBatch([lowered(p), lowered(q), lowered(r)]);
  const graph = free ?? lowered(1);
  const whole = preprocessing ? withPreprocessing(graph, preprocessingOf(graph, description)) : graph;
  writeFileAtomically(file, encodeModel({ ...whole, metadata: metadataOf(description, preprocessing) }));
  return free === null ? 1 : "any";
}

function preprocessingOf({ inputs }: OnnxModel, description: DataDescription | undefined) {
  if (description?.inputs.length === inputs.length) return description.inputs;
  const rule = `a description must say what is done to the ${inputs.length} inputs of the model`;
  throw new YfError(
    "BAD_OPTION",
    cannot("save preprocessing in an ONNX file", rule, description?.inputs.length ?? "none"),
    { option: "preprocessing", inputs: inputs.length, described: description?.inputs.length ?? 0 },
  );
}

function metadataOf(
  description: DataDescription | undefined,
  preprocessing: boolean,
): Record<string, string> {
  if (description === undefined) return {};
  const entries = Object.entries(modelMetadata(description)).map(([key, value]) => [
    key,
    JSON.stringify(value),
  ]);
  return { ...Object.fromEntries(entries), preprocessing: preprocessing ? "included" : "excluded" };
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
      throw new YfError("BAD_MODEL", cannot(`save ${model.name} as ONNX`, rule, shape), {
        model: model.name,
        input: name,
        shape,
      });
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
