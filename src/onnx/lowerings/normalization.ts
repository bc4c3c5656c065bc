/** Batch normalization with given moments, and normalization by the neighbouring channels. */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";

/** (x − mean)/√(variance + ε)·scale + offset; the difference is shared with the gradients. */
const fusedBatchNorm: Lowering = (program, { attributes, inputs, outputs: [y] }) => {
  const { builder } = program;
  const [x, scale, offset, mean, variance] = inputs.map((input) =>
    input === null ? null : program.plain(input),
  ) as [string, string | null, string | null, string, string];
  const shifted = builder.node("Add", [variance, builder.scalar(attributes.varianceEpsilon as number)]);
  const deviation = builder.node("Sqrt", [shifted]);
  const factor =
    scale === null ? builder.node("Reciprocal", [deviation]) : builder.node("Div", [scale, deviation]);
  const normalized = builder.node("Mul", [builder.node("Sub", [x, mean]), factor]);
  program.set(y, offset === null ? normalized : builder.node("Add", [normalized, offset]));
};

/** Sums over the channels within `depthRadius` of each channel: a product with a band matrix. */
function neighbourhood(program: LoweringProgram, { attributes }: GraphNode, x: string, channels: number) {
  const radius = attributes.depthRadius as number;
  const band = Float32Array.from({ length: channels * channels }, (_, at) =>
    Math.abs(Math.floor(at / channels) - (at % channels)) <= radius ? 1 : 0,
  );
  return program.builder.node("MatMul", [x, program.builder.floats(band, [channels, channels])]);
}

/** n = bias + α·Σ x² over the neighbouring channels. */
function responseNorm(program: LoweringProgram, node: GraphNode, x: ValueId): string {
  const { builder } = program;
  const { alpha, bias } = node.attributes as { alpha: number; bias: number };
  const name = program.plain(x);
  const channels = program.shape(x).at(-1) as number;
  const sums = neighbourhood(program, node, builder.node("Mul", [name, name]), channels);
  return builder.node("Add", [builder.node("Mul", [sums, builder.scalar(alpha)]), builder.scalar(bias)]);
}

/** x·n^−β. Source: Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Networks" (2012), §3.3. */
const lrn: Lowering = (program, node) => {
  const { builder } = program;
  const x = node.inputs[0] as ValueId;
  const exponent = builder.scalar(-(node.attributes.beta as number));
  const power = builder.node("Pow", [responseNorm(program, node, x), exponent]);
  program.set(node.outputs[0], builder.node("Mul", [program.plain(x), power]));
};

/** dy·n^−β − 2αβ·x·Σ dy·y/n over the neighbouring channels. */
const lrnGrad: Lowering = (program, node) => {
  const { builder } = program;
  const [x, y, dy] = node.inputs as [ValueId, ValueId, ValueId];
  const { alpha, beta } = node.attributes as { alpha: number; beta: number };
  const n = responseNorm(program, node, x);
  const direct = builder.node("Mul", [program.plain(dy), builder.node("Pow", [n, builder.scalar(-beta)])]);
  const share = builder.node("Div", [builder.node("Mul", [program.plain(dy), program.plain(y)]), n]);
  const spread = neighbourhood(program, node, share, program.shape(x).at(-1) as number);
  const factor = builder.scalar(-2 * alpha * beta);
  const indirect = builder.node("Mul", [builder.node("Mul", [program.plain(x), factor]), spread]);
  program.set(node.outputs[0], builder.node("Add", [direct, indirect]));
};

export const normalization: Readonly<Record<string, Lowering>> = {
  FusedBatchNorm: fusedBatchNorm,
  LRN: lrn,
  LRNGrad: lrnGrad,
};
