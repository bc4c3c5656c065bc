/** Kernels that work element by element: one ONNX operator each, or a short formula. */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";
import type { OnnxAttribute } from "../model-proto.ts";
import { elementTypes } from "../model-proto.ts";

/** A formula over the plain names of the inputs. */
type Formula = (program: LoweringProgram, inputs: string[], node: GraphNode) => string;

const formula =
  (write: Formula): Lowering =>
  (program, node) => {
    const inputs = node.inputs.map((input) => program.plain(input as ValueId));
    program.set(node.outputs[0], write(program, inputs, node));
  };

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
  const relu = program.consumers(inputs[0] as ValueId).find(({ op }) => op === "Relu");
  const name = relu === undefined ? x : program.plain(relu.outputs[0]);
  const ones = builder.node("HardSigmoid", [name], { alpha: { float: 3e38 }, beta: { float: 0 } });
  if (alpha === 0) return ones;
  return builder.node("Where", [
    builder.node("Greater", [x, builder.scalar(0)]),
    builder.scalar(1),
    builder.scalar(alpha),
  ]);
};

const cast: Formula = ({ builder }, [x], { attributes }) =>
  builder.node("Cast", [x], { to: elementTypes[attributes.dtype as "float32"] });

export const elementwise: Readonly<Record<string, Lowering>> = {
  Abs: operator("Abs"),
  Neg: operator("Neg"),
  Sign: operator("Sign"),
  Floor: operator("Floor"),
  Ceil: operator("Ceil"),
  Round: operator("Round"),
  Exp: operator("Exp"),
  Log: operator("Log"),
  Sqrt: operator("Sqrt"),
  Sin: operator("Sin"),
  Cos: operator("Cos"),
  Tan: operator("Tan"),
  Asin: operator("Asin"),
  Acos: operator("Acos"),
  Atan: operator("Atan"),
  Sinh: operator("Sinh"),
  Cosh: operator("Cosh"),
  Tanh: operator("Tanh"),
  Asinh: operator("Asinh"),
  Acosh: operator("Acosh"),
  Atanh: operator("Atanh"),
  Erf: operator("Erf"),
  Reciprocal: operator("Reciprocal"),
  Sigmoid: operator("Sigmoid"),
  Softplus: operator("Softplus"),
  Relu: operator("Relu"),
  Elu: operator("Elu"),
  Selu: operator("Selu", { alpha: { float: seluAlpha }, gamma: { float: seluGamma } }),
  LogicalNot: operator("Not"),
  IsNan: operator("IsNaN"),
  IsInf: operator("IsInf"),
  Add: operator("Add"),
  Sub: operator("Sub"),
  Multiply: operator("Mul"),
  RealDiv: operator("Div"),
  Pow: operator("Pow"),
  Maximum: operator("Max"),
  Minimum: operator("Min"),
  Prelu: operator("PRelu"),
  Equal: operator("Equal"),
  NotEqual: not("Equal"),
  Greater: operator("Greater"),
  GreaterEqual: operator("GreaterOrEqual"),
  Less: operator("Less"),
  LessEqual: operator("LessOrEqual"),
  LogicalAnd: operator("And"),
  LogicalOr: operator("Or"),
  Select: operator("Where"),
  AddN: operator("Sum"),
  Square: formula(({ builder }, [x]) => builder.node("Mul", [x, x])),
  Expm1: formula(({ builder }, [x]) => builder.node("Sub", [builder.node("Exp", [x]), builder.scalar(1)])),
  Log1p: formula(({ builder }, [x]) => builder.node("Log", [builder.node("Add", [x, builder.scalar(1)])])),
  Rsqrt: formula(({ builder }, [x]) => builder.node("Reciprocal", [builder.node("Sqrt", [x])])),
  Relu6: formula(({ builder }, [x]) => builder.node("Clip", [x, builder.scalar(0), builder.scalar(6)])),
  ClipByValue: formula(({ builder }, [x], { attributes }) =>
    builder.node("Clip", [
      x,
      builder.scalar(attributes.clipValueMin as number),
      builder.scalar(attributes.clipValueMax as number),
    ]),
  ),
  LeakyRelu: formula(({ builder }, [x], { attributes }) =>
    builder.node("LeakyRelu", [x], { alpha: { float: attributes.alpha as number } }),
  ),
  SquaredDifference: formula(({ builder }, inputs) => {
    const difference = builder.node("Sub", inputs);
    return builder.node("Mul", [difference, difference]);
  }),
  EluGrad: formula(({ builder }, [dy, y]) => {
    // y ≥ 0 ? dy : dy·(y + 1)
    const slope = builder.node("Add", [builder.node("Min", [y, builder.scalar(0)]), builder.scalar(1)]);
    return builder.node("Mul", [dy, slope]);
  }),
  FloorDiv: formula(({ builder }, inputs) => builder.node("Floor", [builder.node("Div", inputs)])),
  ZerosLike: formula(({ builder }, [x]) => builder.node("Mul", [x, builder.scalar(0)])),
  OnesLike: formula(({ builder }, [x]) =>
    builder.node("Add", [builder.node("Mul", [x, builder.scalar(0)]), builder.scalar(1)]),
  ),
  Step: formula(step),
  Cast: formula(cast),
};
