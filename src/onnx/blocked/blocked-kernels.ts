/** The kernels that images in the blocked layout go through without leaving it. */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import { feedsPhasePool } from "../convolution/convolution.ts";
import { type ConvolutionCall, convolutionCall } from "../convolution/geometry.ts";
import {
  blockedFilterGradient,
  blockedForward,
  blockedInputGradient,
  fitsBlocks,
} from "./blocked-convolution.ts";
import type { BlockedValues, Image } from "./blocked-values.ts";
import type { Factor } from "./channel-form.ts";

/** @returns Whether the call has been lowered. */
type BlockedKernel = (values: BlockedValues, node: GraphNode) => boolean;

/** Lowers a call on images in the blocked layout, or that is best brought into it. @returns Whether it was one. */
export function lowerBlocked(values: BlockedValues, node: GraphNode): boolean {
  return kernels[node.op]?.(values, node) ?? false;
}

/** What a call computes with: images, and numbers per channel. */
type Operand =
  | { readonly image: Image; readonly factor?: undefined }
  | { readonly factor: Factor; readonly image?: undefined };

/** The operands of a call whose result is an image; null if one of them is neither, or none an image yet. */
function operandsOf(values: BlockedValues, { inputs, outputs: [y] }: GraphNode): Operand[] | null {
  if (!values.fits(y) || !inputs.some((input) => input !== null && values.has(input))) return null;
  const operands: Operand[] = [];
  for (const input of inputs as ValueId[]) {
    const operand = operandOf(values, input, values.program.shape(y));
    if (operand === null) return null;
    operands.push(operand);
  }
  return operands;
}

function operandOf(values: BlockedValues, value: ValueId, shape: readonly number[]): Operand | null {
  const { dtype, shape: own } = values.program.type(value);
  if (dtype !== "float32") return null;
  if (`${own}` === `${shape}`) return { image: values.image(value) };
  const factor = factorOf(values, value, shape[3]);
  return factor === null ? null : { factor };
}

/** A value that is one number per channel, or one in all. */
function factorOf({ program }: BlockedValues, value: ValueId, channels: number): Factor | null {
  const shape = program.shape(value);
  const length = shape.reduce((product, size) => product * size, 1);
  if (length === 1) return { name: program.reshaped(value, []), isScalar: true };
  const isVector = shape.at(-1) === channels && length === channels;
  return isVector ? { name: program.reshaped(value, [channels]), isScalar: false } : null;
}

/** A kernel of two operands. */
const binary =
  (
    combine: (values: BlockedValues, a: Operand, b: Operand, shape: readonly number[]) => Image | null,
  ): BlockedKernel =>
  (values, node) => {
    const operands = operandsOf(values, node);
    if (operands === null) return false;
    const [y] = node.outputs;
    const image = combine(values, operands[0], operands[1], values.program.shape(y));
    if (image === null) return false;
    values.set(y, image);
    return true;
  };

const constant = (offset: Factor): Image => ({ terms: [], offset });

const imageOf = ({ factor, image }: Operand): Image => (image === undefined ? constant(factor) : image);

const negated = ({ algebra }: BlockedValues, operand: Operand): Operand =>
  operand.image === undefined ? { factor: algebra.negated(operand.factor) } : operand;

const add = binary((values, a, b) => values.sum(imageOf(a), imageOf(b)));

const subtract = binary((values, a, b) => {
  const other = negated(values, b);
  const image =
    other.image === undefined ? imageOf(other) : values.algebra.negatedForm(values.form(other.image));
  return values.sum(imageOf(a), image);
});

const multiply = binary((values, a, b, shape) => {
  if (a.image === undefined) return b.image === undefined ? null : values.scaled(b.image, a.factor);
  if (b.image === undefined) return values.scaled(a.image, b.factor);
  return values.product(a.image, b.image, shape);
});

const divide = binary((values, a, b) => {
  if (a.image === undefined || b.factor === undefined) return null;
  return values.algebra.divided(values.form(a.image), b.factor);
});

const square: BlockedKernel = (values, { inputs: [x], outputs: [y] }) => {
  if (x === null || !values.has(x)) return false;
  const image = values.image(x);
  values.set(y, values.product(image, image, values.program.shape(y)));
  return true;
};

const negate: BlockedKernel = (values, { inputs: [x], outputs: [y] }) => {
  if (x === null || !values.has(x)) return false;
  values.set(y, values.algebra.negatedForm(values.form(values.image(x))));
  return true;
};

const relu: BlockedKernel = (values, { inputs: [x], outputs: [y] }) => {
  if (x === null || !values.has(x)) return false;
  values.set(y, values.imageOf(values.numbers(values.image(x), values.program.shape(y), "Relu")));
  return true;
};

/** 0 for x ≤ 0 and 1 above, by the relu of x where there is one; as in the plain layout. */
const step: BlockedKernel = (values, { attributes, inputs: [x], outputs: [y] }) => {
  if (x === null || !values.has(x) || ((attributes.alpha as number | undefined) ?? 0) !== 0) return false;
  const rectified = values.program
    .consumers(x)
    .find(({ op, outputs }) => op === "Relu" && values.has(outputs[0]));
  const ones = values.program.builder.node("HardSigmoid", [values.blocked(rectified?.outputs[0] ?? x)], {
    alpha: { float: 3e38 },
    beta: { float: 0 },
  });
  values.set(y, values.imageOf(ones));
  return true;
};

/** (x − mean)·scale/√(variance + ε) + offset; the difference is that of the variance, where this is of the same batch. */
const batchNorm: BlockedKernel = (values, { attributes, inputs, outputs: [y] }) => {
  const [x, ...vectors] = inputs;
  if (x === null || !values.has(x)) return false;
  const { algebra } = values;
  const [scale, offset, mean, variance] = vectors.map((value) =>
    value === null ? null : factorOf(values, value, values.program.shape(y)[3]),
  );
  if (mean === null || variance === null) return false;
  const centred = values.sum(values.image(x), constant(algebra.negated(mean)));
  const inverse = algebra.inverseDeviation(variance, attributes.varianceEpsilon as number);
  const normalized = values.scaled(centred, scale === null ? inverse : algebra.times(scale, inverse));
  values.set(y, offset === null ? normalized : values.sum(normalized, constant(offset)));
  return true;
};

/** The same image under another name. */
const reshape: BlockedKernel = (values, { inputs: [x], outputs: [y] }) => {
  const { program } = values;
  if (x === null || !values.has(x) || `${program.shape(x)}` !== `${program.shape(y)}`) return false;
  values.set(y, values.image(x), () => program.plain(x));
  return true;
};

/** An image of equal numbers, which nobody may ever have to write down. */
const fill: BlockedKernel = (values, { attributes, outputs: [y] }) => {
  if (!values.fits(y)) return false;
  const { builder } = values.program;
  const value = attributes.value as number;
  values.set(y, constant(values.algebra.scalar(value)), () =>
    builder.filled(value, "float32", values.program.shape(y)),
  );
  return true;
};

/** An image of one number per channel. */
const tile: BlockedKernel = (values, { inputs: [x], outputs: [y] }) => {
  const { builder, shape } = { builder: values.program.builder, shape: values.program.shape(y) };
  if (x === null || !values.fits(y) || values.program.dtype(x) !== "float32") return false;
  const factor = factorOf(values, x, shape[3]);
  if (factor === null) return false;
  values.set(y, constant(factor), () =>
    builder.node("Expand", [values.program.plain(x), builder.ints(shape)]),
  );
  return true;
};

/** Sums and means over batch and pixels, or over pixels alone. */
const reduction =
  (isMean: boolean): BlockedKernel =>
  (values, { attributes, inputs: [x], outputs: [y] }) => {
    if (x === null || !values.has(x)) return false;
    const { algebra, program } = values;
    const { builder } = program;
    const shape = program.shape(x);
    const [batch, height, width] = shape;
    const axes = [(attributes.axis ?? attributes.reductionIndices) as number | number[]].flat();
    const image = values.image(x);
    if (`${axes}` === "0,1,2") {
      const sums = values.channelSums(image, shape);
      const total = isMean ? algebra.over(sums, algebra.scalar(batch * height * width)) : sums;
      program.set(y, builder.reshape(total.name, program.shape(y)));
      return true;
    }
    if (`${axes}` !== "1,2" || values.form(image).terms.length === 0) return false;
    const means = values.pixelMeans(image, shape);
    const total = isMean ? means : builder.node("Mul", [means, builder.scalar(height * width)]);
    program.set(y, builder.reshape(total, program.shape(y)));
    return true;
  };

const convolution: BlockedKernel = (values, node) => {
  const { program } = values;
  const [x, filter, bias = null] = node.inputs as ValueId[];
  const [y] = node.outputs;
  const call = convolutionCall(node, program.shape(x), program.shape(filter), program.shape(y));
  const activation = (node.attributes.activation as string | undefined) ?? "linear";
  const isKnown = activation === "linear" || activation === "relu";
  if (!isKnown || !fitsBlocks(values, call)) return false;
  if (activation === "linear" && feedsPhasePool(program, y)) return false;
  const image = blockedForward(values, call, {
    x,
    filter: program.plain(filter),
    bias: bias === null ? null : program.reshaped(bias, [call.filter[3]]),
    ...(activation === "relu" ? { activation: "Relu" } : {}),
  });
  values.set(y, values.imageOf(image));
  return true;
};

const inputGradient: BlockedKernel = (values, node) => {
  const { program } = values;
  const [dy, filter] = node.inputs as ValueId[];
  const [dx] = node.outputs;
  const call = convolutionCall(node, program.shape(dx), program.shape(filter), program.shape(dy));
  if (!isBlockedGradient(values, call, dy) || !values.fits(dx)) return false;
  values.set(dx, values.imageOf(blockedInputGradient(values, call, dy, program.plain(filter))));
  return true;
};

const filterGradient: BlockedKernel = (values, node) => {
  const { program } = values;
  const [x, dy] = node.inputs as ValueId[];
  const [gradient] = node.outputs;
  const call = convolutionCall(node, program.shape(x), program.shape(gradient), program.shape(dy));
  if (!isBlockedGradient(values, call, dy)) return false;
  program.set(gradient, blockedFilterGradient(values, call, x, dy));
  return true;
};

/** The gradients take the form of their convolution. */
const isBlockedGradient = (values: BlockedValues, call: ConvolutionCall, dy: ValueId): boolean =>
  fitsBlocks(values, call) && values.program.phases(dy) === undefined;

const kernels: Readonly<Record<string, BlockedKernel>> = {
  Conv2D: convolution,
  FusedConv2D: convolution,
  Conv2DBackpropInput: inputGradient,
  Conv2DBackpropFilter: filterGradient,
  Add: add,
  Sub: subtract,
  Multiply: multiply,
  RealDiv: divide,
  Square: square,
  Neg: negate,
  Relu: relu,
  Step: step,
  FusedBatchNorm: batchNorm,
  Reshape: reshape,
  Identity: reshape,
  Fill: fill,
  Tile: tile,
  Sum: reduction(false),
  Mean: reduction(true),
};
