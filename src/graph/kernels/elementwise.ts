/** Kernels that compute each output element from the elements at the same (broadcast) place. */
import { type Attributes, broadcastIndices, type Kernel, type KernelFamily } from "./tensor.ts";

/** From tf.selu: Klambauer et al. 2017, arXiv:1706.02515, equation 2. */
const seluScale = 1.0507009873554805;
const seluAlpha = 1.6732632423543772;

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const elu = (x: number): number => (x >= 0 ? x : Math.expm1(x));
export const leakyRelu = (x: number, alpha: number): number => (x < 0 ? alpha * x : x);

const unary =
  (compute: (x: number, attributes: Attributes) => number): Kernel =>
  ([x], attributes) => [x.data.map((value) => compute(value, attributes))];

const binary =
  (compute: (a: number, b: number) => number): Kernel =>
  ([a, b], _, [{ shape }]) => {
    const atA = broadcastIndices(a.shape, shape);
    const atB = broadcastIndices(b.shape, shape);
    return [Float64Array.from(atA, (index, i) => compute(a.data[index], b.data[atB[i]]))];
  };

const predicate = (holds: (a: number, b: number) => boolean): Kernel =>
  binary((a, b) => (holds(a, b) ? 1 : 0));

export const elementwiseKernels: KernelFamily = {
  Abs: unary(Math.abs),
  Neg: unary((x) => -x),
  // 0 of NaN, as in TF.js.
  Sign: unary((x) => Number(x > 0) - Number(x < 0)),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Round: unary(roundHalfToEven),
  Square: unary((x) => x * x),
  Reciprocal: unary((x) => 1 / x),
  Sqrt: unary(Math.sqrt),
  Rsqrt: unary((x) => 1 / Math.sqrt(x)),
  Exp: unary(Math.exp),
  Expm1: unary(Math.expm1),
  Log: unary(Math.log),
  Log1p: unary(Math.log1p),
  Sin: unary(Math.sin),
  Cos: unary(Math.cos),
  Tan: unary(Math.tan),
  Asin: unary(Math.asin),
  Acos: unary(Math.acos),
  Atan: unary(Math.atan),
  Sinh: unary(Math.sinh),
  Cosh: unary(Math.cosh),
  Tanh: unary(Math.tanh),
  Asinh: unary(Math.asinh),
  Acosh: unary(Math.acosh),
  Atanh: unary(Math.atanh),
  Erf: unary(erf),

  Relu: unary((x) => Math.max(0, x)),
  Relu6: unary((x) => Math.min(6, Math.max(0, x))),
  LeakyRelu: unary((x, { alpha }) => leakyRelu(x, alpha as number)),
  Elu: unary(elu),
  Selu: unary((x) => seluScale * (x >= 0 ? x : seluAlpha * Math.expm1(x))),
  Sigmoid: unary(sigmoid),
  // log(1 + eˣ) in the form that cannot overflow.
  Softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  Step: unary((x, { alpha }) => (x > 0 ? 1 : Number.isNaN(x) ? x : ((alpha as number | undefined) ?? 0))),
  ClipByValue: unary((x, { clipValueMin, clipValueMax }) =>
    Math.min(clipValueMax as number, Math.max(clipValueMin as number, x)),
  ),
  ZerosLike: unary(() => 0),
  OnesLike: unary(() => 1),
  IsNan: unary((x) => (Number.isNaN(x) ? 1 : 0)),
  IsInf: unary((x) => (Math.abs(x) === Infinity ? 1 : 0)),
  IsFinite: unary((x) => (Number.isFinite(x) ? 1 : 0)),
  LogicalNot: unary((x) => (x === 0 ? 1 : 0)),
  Cast: unary((x, { dtype }) => (dtype === "int32" ? Math.trunc(x) : dtype === "bool" ? Number(x !== 0) : x)),

  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Multiply: binary((a, b) => a * b),
  RealDiv: binary((a, b) => a / b),
  FloorDiv: binary((a, b) => Math.floor(a / b)),
  // The sign of the divisor, as in Python.
  Mod: binary((a, b) => a - b * Math.floor(a / b)),
  Pow: binary((a, b) => a ** b),
  Maximum: binary(Math.max),
  Minimum: binary(Math.min),
  SquaredDifference: binary((a, b) => (a - b) ** 2),
  Atan2: binary(Math.atan2),
  Prelu: binary(leakyRelu),
  EluGrad: binary((dy, y) => (y >= 0 ? dy : dy * (y + 1))),
  Equal: predicate((a, b) => a === b),
  NotEqual: predicate((a, b) => a !== b),
  Greater: predicate((a, b) => a > b),
  GreaterEqual: predicate((a, b) => a >= b),
  Less: predicate((a, b) => a < b),
  LessEqual: predicate((a, b) => a <= b),
  LogicalAnd: predicate((a, b) => a !== 0 && b !== 0),
  LogicalOr: predicate((a, b) => a !== 0 || b !== 0),

  AddN: (list) => [list[0].data.map((_, i) => list.reduce((sum, { data }) => sum + data[i], 0))],
  // A condition of one dimension chooses whole rows.
  Select: ([condition, yes, no]) => {
    const perChoice = yes.data.length / condition.data.length;
    return [
      yes.data.map((value, i) => (condition.data[Math.floor(i / perChoice)] !== 0 ? value : no.data[i])),
    ];
  },
};

function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/**
 * The error function to float64 precision: erf x = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)).
 *
 * Every term has the sign of x, so nothing cancels. Source: NIST Digital Library of Mathematical Functions, 7.6.2.
 */
function erf(x: number): number {
  // 1 − erf 6 is below 2⁻⁵³.
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * Number.EPSILON; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
