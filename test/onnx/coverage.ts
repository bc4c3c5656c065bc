/**
 * Finds out which kernels and layers of TensorFlow.js can be trained, and writes `src/onnx/COVERAGE.md`: a program,
 * `npm run coverage`, and what the test compares the file with.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { lower, lowerings } from "../../src/onnx/lower.ts";
import { derivedKernels } from "../../src/tfjs/derived-kernels.ts";
import { sourceKernels } from "../../src/tfjs/source-kernels.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { type ExampleType, trace } from "../../src/tfjs/trace.ts";
import { layerExamples } from "./layer-examples.ts";

/** Kernels with a gradient that no program has, and why. */
const neverRecorded: Readonly<Record<string, string>> = {
  BroadcastTo: "`tf.broadcastTo` calls Tile",
  Identity: "nothing to compute",
};

const missing: Readonly<Record<string, string>> = {
  ComplexAbs: "complex numbers are not traced",
};

function kernelRow(kernel: string): string {
  if (kernel in lowerings) return `| ${kernel} | lowered | |`;
  if (kernel in derivedKernels) return `| ${kernel} | lowered | as other kernels |`;
  if (kernel in neverRecorded) return `| ${kernel} | no need | ${neverRecorded[kernel]} |`;
  return `| ${kernel} | missing | ${missing[kernel] ?? ""} |`;
}

function layerRow(names: string, make: () => layers.LayersModel): string {
  const model = built(make);
  if (!(model instanceof layers.LayersModel))
    return `| ${names} | not trainable in TensorFlow.js itself | ${model} |`;
  const [input] = model.inputs;
  const [output] = model.outputs;
  const type = ({ shape }: layers.SymbolicTensor, dtype: ExampleType["dtype"]): ExampleType => ({
    shape: shape.slice(1) as number[],
    dtype,
  });
  const features = type(input, input.dtype === "int32" ? "int32" : "float32");
  const refusal = ownRefusal(model, features);
  try {
    if (refusal !== null) return `| ${names} | not trainable in TensorFlow.js itself | ${refusal} |`;
    const labels = type(output, "float32");
    lower(
      trace({
        model,
        loss: "meanSquaredError",
        features: [features],
        labels: [labels],
        batchSize: 2,
        training: true,
      }),
    );
    return `| ${names} | lowered | |`;
  } catch (error) {
    return `| ${names} | missing | ${firstLine(error)} |`;
  } finally {
    model.dispose();
  }
}

/** The model, or what TensorFlow.js says against it. */
function built(make: () => layers.LayersModel): layers.LayersModel | string {
  try {
    return make();
  } catch (error) {
    return firstLine(error);
  }
}

/** What TensorFlow.js says when it differentiates a model itself, or null. */
function ownRefusal(model: layers.LayersModel, { dtype, shape }: ExampleType): string | null {
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  try {
    tf.tidy(() => {
      const x = tf.ones([2, ...shape], dtype);
      tf.variableGrads(
        () => tf.mean(tf.square(model.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar,
        variables,
      );
    });
    return null;
  } catch (error) {
    return firstLine(error);
  }
}

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n")[0];

/** What ONNX Runtime computes differently from TensorFlow.js; making it the same would slow down every program. */
const differences: readonly string[] = [
  "Max and Min ignore NaN unless every element is NaN; TensorFlow.js returns NaN.",
  "ArgMax and ArgMin return another index where a row contains NaN.",
  "MaxPool and MaxPool3D return NaN for a window that contains NaN; TensorFlow.js ignores it.",
  "Sign of NaN is NaN; TensorFlow.js returns 0.",
  "Step of NaN with a slope (as in the gradient of leakyRelu) is the slope; TensorFlow.js returns NaN.",
  "AvgPool and AvgPool3D of a window that lies in the padding: 0 or NaN; TensorFlow.js returns NaN for images, 0 for volumes.",
  "AvgPoolGrad divides by the pixels inside the image, as AvgPool does; TensorFlow.js divides by the whole window.",
  "TopK with `sorted: false` sorts, too.",
];

/** Kernels that TensorFlow.js does not differentiate, which may stand wherever no gradient goes. */
function withoutGradient(): string {
  const names = [...Object.keys({ ...lowerings, ...derivedKernels }), ...sourceKernels];
  // Operations that call a fused kernel have gradients of their own.
  const isGradient = (name: string) => /Grad$|Backprop|Fused/.test(name);
  return names
    .filter((name) => tf.getGradient(name) === undefined && !isGradient(name))
    .sort()
    .join(", ");
}

/** The text of `src/onnx/COVERAGE.md`. */
export function coverage(): string {
  const kernels = Object.entries(tf)
    .filter(([key, value]) => /^[A-Z]/.test(key) && typeof value === "string" && tf.getGradient(value))
    .map(([, value]) => value as string);
  const rows = [...new Set(kernels)].sort().map(kernelRow);
  return [
    "# What of TensorFlow.js can be trained",
    "",
    `Written by \`npm run coverage\` for TensorFlow.js ${tf.version_core}: every layer of \`tf.layers\` in a small model, and`,
    "every kernel that has a gradient. What is lowered is compared with TensorFlow.js by the conformance suite.",
    "",
    "| layer | | |",
    "| --- | --- | --- |",
    ...Object.entries(layerExamples).map(([names, make]) => layerRow(names, make)),
    "",
    "| kernel with a gradient | | |",
    "| --- | --- | --- |",
    ...rows,
    "",
    "Kernels without a gradient, which may stand where no gradient goes:",
    `${withoutGradient()}.`,
    "",
    "## Where numbers differ from those of TensorFlow.js",
    "",
    ...differences.map((difference) => `* ${difference}`),
    "",
  ].join("\n");
}

/** Where the text lies, seen from the compiled program and from its source. */
export const coverageFile = new URL(
  import.meta.url.includes("/dist/") ? "../../../src/onnx/COVERAGE.md" : "../../src/onnx/COVERAGE.md",
  import.meta.url,
);

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(coverageFile, coverage());
