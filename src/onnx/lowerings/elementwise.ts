/** Kernels that work element by element: one ONNX operator each, or a short formula. */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";
import type { OnnxAttribute } from "../model-proto.ts";
import { elementTypes } from "../model-proto.ts";
import { areFinite, asFloats, fromFloats } from "./numbers.ts";

/** A formula over the plain names of the inputs. */
type Formula = (program: LoweringProgram, inputs: string[], node: GraphNode) => string;

const formula =
  (write: Formula): Lowering =>
  (program, node) => {
    const inputs = node.inputs.map((input) => program.plain(input as ValueId));
    program.set(node.outputs[0], write(program, inputs, node));
  };

/** A formula that is for floats alone. */
const floatFormula =
  (write: Formula): Lowering =>
  (program, node) => {
    const inputs = node.inputs.map((input) => asFloats(program, input as ValueId));
    const [y] = node.outputs;
    program.set(y, fromFloats(program.builder, write(program, inputs, node), program.dtype(y)));
  };

/** What ONNX knows of floats only, whatever they are asked. */
const floatPredicate =
  (write: Formula): Lowering =>
  (program, node) => {
    const x = asFloats(program, node.inputs[0] as ValueId);
    program.set(node.outputs[0], write(program, [x], node));
  };

const floatOperator = (op: string, attributes: Record<string, OnnxAttribute> = {}): Lowering =>
  floatFormula(({ builder }, inputs) => builder.node(op, inputs, attributes));

/** The ONNX operator `op` on the kernel's own inputs. */
const operator = (op: string, attributes: Record<string, OnnxAttribute> = {}): Lowering =>
  formula(({ builder }, inputs) => builder.node(op, inputs, attributes));

const not = (op: string): Lowering =>
  formula(({ builder }, inputs) => builder.node("Not", [builder.node(op, inputs)]));

/** Selu's two constants (Klambauer et al., "Self-Normalizing Neural Networks", arXiv:1706.02515, §2). */
const seluAlpha = 1.6732632423543772;
const seluGamma = 1.0507009873554805;

/** 0 for x ≤ 0 and 1 above, as a float; one pass, where comparison and cast take two. Denormals give a fraction. */
const step: Formula = (program, [x], { attributes, inputs }) => {
  const { builder } = program;
  const alpha = (attributes.alpha as number | undefined) ?? 0;
  // The sign of relu(x) is that of x where it matters, and reading it instead lets ONNX Runtime fuse the relu.
  const input = inputs[0] as ValueId;
  const relu =
    program.dtype(input) === "float32"
      ? program.consumers(input).find(({ op, outputs }) => op === "Relu" && program.isSet(outputs[0]))
      : undefined;
  const name = relu === undefined ? x : program.plain(relu.outputs[0]);
  const ones = builder.node("HardSigmoid", [name], { alpha: { float: 3e38 }, beta: { float: 0 } });
  if (alpha === 0) return ones;
  return builder.node("Where", [
    builder.node("Greater", [x, builder.scalar(0)]),
    builder.scalar(1),
    builder.scalar(alpha),
  ]);
};

/** eˣ − 1, by 2·tanh(x/2)/(1 − tanh(x/2)) near zero, where the difference would cancel. */
const expm1: Formula = ({ builder }, [x]) => {
  const one = builder.scalar(1);
  const half = builder.scalar(0.5);
  const tanh = builder.node("Tanh", [builder.node("Mul", [x, half])]);
  const near = builder.node("Div", [builder.node("Add", [tanh, tanh]), builder.node("Sub", [one, tanh])]);
  const isNear = builder.node("Less", [builder.node("Abs", [x]), half]);
  return builder.node("Where", [isNear, near, builder.node("Sub", [builder.node("Exp", [x]), one])]);
};

/**
 * log(1 + x), near zero by 2·artanh(x/(2 + x)) = 2·(s + s³/3 + s⁵/5 + …) with s = x/(2 + x).
 *
 * For |x| < 0.1, |s| < 0.053: the first term left out, s⁷/7, is below 4e−9 of s.
 */
const log1p: Formula = ({ builder }, [x]) => {
  const [add, mul] = ["Add", "Mul"].map((op) => (a: string, b: string) => builder.node(op, [a, b]));
  const s = builder.node("Div", [x, add(x, builder.scalar(2))]);
  const square = mul(s, s);
  const series = add(
    mul(square, add(mul(square, builder.scalar(2 / 5)), builder.scalar(2 / 3))),
    builder.scalar(2),
  );
  const isNear = builder.node("Less", [builder.node("Abs", [x]), builder.scalar(0.1)]);
  return builder.node("Where", [isNear, mul(s, series), builder.node("Log", [add(x, builder.scalar(1))])]);
};

/** A condition of one dimension chooses whole rows. */
const select: Formula = (program, [condition, yes, no], { inputs }) => {
  const { builder } = program;
  const [rows, shape] = [inputs[0], inputs[1]].map((input) => program.shape(input as ValueId));
  const isOfRows = rows.length === 1 && shape.length > 1;
  const wide = isOfRows ? builder.reshape(condition, [...rows, ...shape.slice(1).fill(1)]) : condition;
  return builder.node("Where", [wide, yes, no]);
};

/** An integer, of floats too, as in TF.js. Integers are divided as doubles, in which every int32 is exact. */
const floorDivision: Formula = (program, inputs, { inputs: [a] }) => {
  const { builder } = program;
  if (program.dtype(a as ValueId) === "float32") {
    return fromFloats(builder, builder.node("Floor", [builder.node("Div", inputs)]), "int32");
  }
  const doubles = inputs.map((input) => builder.node("Cast", [input], { to: elementTypes.float64 }));
  const quotient = builder.node("Floor", [builder.node("Div", doubles)]);
  return builder.node("Cast", [quotient], { to: elementTypes.int32 });
};

/** The remainder with the sign of the divisor. */
const modulo: Formula = (program, [a, b], { outputs }) => {
  const { builder } = program;
  if (program.dtype(outputs[0]) !== "float32") return builder.node("Mod", [a, b]);
  const whole = builder.node("Floor", [builder.node("Div", [a, b])]);
  return builder.node("Sub", [a, builder.node("Mul", [b, whole])]);
};

/** The angle of the point (x, y): atan(y/x), half a turn on where x < 0, and a quarter turn where x = 0. */
const atan2: Formula = ({ builder }, [y, x]) => {
  const zero = builder.scalar(0);
  const side = builder.node("Where", [
    builder.node("Less", [y, zero]),
    builder.scalar(-Math.PI),
    builder.scalar(Math.PI),
  ]);
  const angle = builder.node("Atan", [builder.node("Div", [y, x])]);
  const turned = builder.node("Where", [
    builder.node("Less", [x, zero]),
    builder.node("Add", [angle, side]),
    angle,
  ]);
  const upright = builder.node("Mul", [builder.node("Sign", [y]), builder.scalar(Math.PI / 2)]);
  return builder.node("Where", [builder.node("Equal", [x, zero]), upright, turned]);
};

const filledLike =
  (value: number): Lowering =>
  (program, { outputs: [y] }) => {
    const { dtype, shape } = program.type(y);
    program.set(y, program.builder.filled(value, dtype, shape));
  };

const cast: Formula = ({ builder }, [x], { attributes }) =>
  builder.node("Cast", [x], { to: elementTypes[attributes.dtype as "float32"] });

export const elementwise: Readonly<Record<string, Lowering>> = {
  Abs: operator("Abs"),
  Neg: operator("Neg"),
  Sign: operator("Sign"),
  Floor: floatOperator("Floor"),
  Ceil: floatOperator("Ceil"),
  Round: floatOperator("Round"),
  Exp: floatOperator("Exp"),
  Log: floatOperator("Log"),
  Sqrt: floatOperator("Sqrt"),
  Sin: floatOperator("Sin"),
  Cos: floatOperator("Cos"),
  Tan: floatOperator("Tan"),
  Asin: floatOperator("Asin"),
  Acos: floatOperator("Acos"),
  Atan: floatOperator("Atan"),
  Sinh: floatOperator("Sinh"),
  Cosh: floatOperator("Cosh"),
  Tanh: floatOperator("Tanh"),
  Asinh: floatOperator("Asinh"),
  Acosh: floatOperator("Acosh"),
  Atanh: floatOperator("Atanh"),
  Erf: floatOperator("Erf"),
  Reciprocal: floatOperator("Reciprocal"),
  Sigmoid: floatOperator("Sigmoid"),
  Softplus: floatOperator("Softplus"),
  Relu: operator("Relu"),
  Elu: floatOperator("Elu"),
  Selu: floatOperator("Selu", { alpha: { float: seluAlpha }, gamma: { float: seluGamma } }),
  LogicalNot: operator("Not"),
  IsNan: floatPredicate(({ builder }, [x]) => builder.node("IsNaN", [x])),
  IsInf: floatPredicate(({ builder }, [x]) => builder.node("IsInf", [x])),
  Add: operator("Add"),
  Sub: operator("Sub"),
  Multiply: operator("Mul"),
  RealDiv: operator("Div"),
  Pow: operator("Pow"),
  Maximum: operator("Max"),
  Minimum: operator("Min"),
  Prelu: floatOperator("PRelu"),
  Equal: operator("Equal"),
  NotEqual: not("Equal"),
  Greater: operator("Greater"),
  GreaterEqual: operator("GreaterOrEqual"),
  Less: operator("Less"),
  LessEqual: operator("LessOrEqual"),
  LogicalAnd: operator("And"),
  LogicalOr: operator("Or"),
  Select: formula(select),
  AddN: formula((program, inputs, { outputs: [y] }) => {
    const { builder } = program;
    if (program.dtype(y) === "float32") return builder.node("Sum", inputs);
    return inputs.reduce((sum, input) => builder.node("Add", [sum, input]));
  }),
  Square: formula(({ builder }, [x]) => builder.node("Mul", [x, x])),
  Expm1: floatFormula(expm1),
  Log1p: floatFormula(log1p),
  Rsqrt: floatFormula(({ builder }, [x]) => builder.node("Reciprocal", [builder.node("Sqrt", [x])])),
  Relu6: formula((program, [x], { outputs: [y] }) => {
    const limits = [0, 6].map((limit) => program.builder.scalar(limit, program.dtype(y)));
    return program.builder.node("Clip", [x, ...limits]);
  }),
  ClipByValue: formula((program, [x], { attributes, outputs }) => {
    const dtype = program.dtype(outputs[0]);
    const { clipValueMin, clipValueMax } = attributes as { clipValueMin: number; clipValueMax: number };
    const limits = [clipValueMin, clipValueMax].map((limit) => program.builder.scalar(limit, dtype));
    return program.builder.node("Clip", [x, ...limits]);
  }),
  LeakyRelu: floatFormula(({ builder }, [x], { attributes }) =>
    builder.node("LeakyRelu", [x], { alpha: { float: attributes.alpha as number } }),
  ),
  SquaredDifference: formula(({ builder }, inputs) => {
    const difference = builder.node("Sub", inputs);
    return builder.node("Mul", [difference, difference]);
  }),
  EluGrad: floatFormula(({ builder }, [dy, y]) => {
    // y ≥ 0 ? dy : dy·(y + 1)
    const slope = builder.node("Add", [builder.node("Min", [y, builder.scalar(0)]), builder.scalar(1)]);
    return builder.node("Mul", [dy, slope]);
  }),
  FloorDiv: formula(floorDivision),
  Mod: formula(modulo),
  Atan2: floatFormula(atan2),
  IsFinite: floatPredicate(({ builder }, [x]) => areFinite(builder, x)),
  ZerosLike: filledLike(0),
  OnesLike: filledLike(1),
  Step: floatFormula(step),
  Cast: formula(cast),
};
