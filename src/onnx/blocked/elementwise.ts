/** Kernels that work element by element, on images in blocks, and those that make or rename images of equal numbers. */
import type { BlockedValues, Image } from "./blocked-values.ts";
import { type BlockedKernel, constant, factorOf, type Operand, operandsOf } from "./operands.ts";

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

const imageOf = ({ factor, image }: Operand): Image => (image === undefined ? constant(factor) : image);

const add = binary((values, a, b) => values.sum(imageOf(a), imageOf(b)));

const subtract = binary((values, a, b) =>
  values.sum(imageOf(a), values.algebra.negatedForm(values.form(imageOf(b)))),
);

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

/** The same image under another name. */
const reshape: BlockedKernel = (values, { inputs: [x], outputs: [y] }) => {
  const { program } = values;
  if (x === null || !values.has(x) || `${program.shape(x)}` !== `${program.shape(y)}`) return false;
  values.set(y, values.image(x), () => program.plain(x));
  return true;
};

/** An image of equal numbers, which may never have to be written down. */
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

export const blockedElementwise: Readonly<Record<string, BlockedKernel>> = {
  Add: add,
  Sub: subtract,
  Multiply: multiply,
  RealDiv: divide,
  Square: square,
  Neg: negate,
  Relu: relu,
  Step: step,
  Reshape: reshape,
  Identity: reshape,
  Fill: fill,
  Tile: tile,
};
