/** Single kernels by the operations that call them: elementwise functions, comparisons, reductions, integers. */
import { tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float, int } from "../conformance-case.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor, raw: tf.Tensor) => tf.Tensor;

const unit: Unary = (x) => tf.mul(tf.tanh(x), 0.9);
const positive: Unary = (x) => tf.add(tf.abs(x), 0.1);
const toFloat: Unary = (x) => tf.cast(x, "float32");
const toInt: Unary = (x) => tf.cast(x, "int32");
const call = (kernel: string, inputs: Record<string, tf.Tensor> | tf.Tensor[], attributes: object = {}) =>
  tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attributes as never) as tf.Tensor;

const smooth: Record<string, Unary> = {
  abs: tf.abs,
  neg: tf.neg,
  square: tf.square,
  exp: tf.exp,
  expm1: tf.expm1,
  log: (x) => tf.log(positive(x)),
  log1p: (x) => tf.log1p(positive(x)),
  sqrt: (x) => tf.sqrt(positive(x)),
  rsqrt: (x) => tf.rsqrt(positive(x)),
  reciprocal: (x) => tf.reciprocal(positive(x)),
  sin: tf.sin,
  cos: tf.cos,
  tan: (x) => tf.tan(unit(x)),
  asin: (x) => tf.asin(unit(x)),
  acos: (x) => tf.acos(unit(x)),
  atan: tf.atan,
  sinh: tf.sinh,
  cosh: tf.cosh,
  tanh: tf.tanh,
  asinh: tf.asinh,
  acosh: (x) => tf.acosh(tf.add(positive(x), 1)),
  atanh: (x) => tf.atanh(unit(x)),
  erf: tf.erf,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  // Its gradient reads z, which is gone by then: only the clone that the product keeps is left.
  "z·logSigmoid z": (x) => {
    const z = tf.mul(x, 2);
    return tf.mul(z, tf.logSigmoid(z));
  },
  relu: tf.relu,
  relu6: (x) => tf.relu6(tf.mul(x, 8)),
  leakyRelu: (x) => tf.leakyRelu(x, 0.3),
  elu: tf.elu,
  selu: tf.selu,
  clipByValue: (x) => tf.clipByValue(x, -0.5, 0.25),
  "a step with a slope": (x) => tf.add(tf.step(x, 0.25), x),
  "a step before the relu of the same": (x) => tf.add(tf.mul(tf.step(x), 3), tf.relu(x)),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  "x − logSumExp x along the last axis": (x) => tf.sub(x, tf.logSumExp(x, -1, true)),
  // As many rows as columns: [B] is broadcast along the rows, so this is no logarithm of a softmax.
  "x − logSumExp x without its axis": (x) => tf.sub(x, tf.logSumExp(x, -1)),
  "x − logSumExp x along the first axis": (x) => tf.sub(x, tf.logSumExp(x, 0, true)),
  "a sum, a mean, a maximum and a minimum of all": (x) =>
    tf.mul(x, tf.addN([tf.sum(x), tf.mean(x), tf.max(x), tf.min(x)])),
  "sums along negative axes": (x) => tf.mul(x, tf.sum(x, -2, true)),
  "means of rows": (x) => tf.mul(x, tf.mean(x, 1, true)),
  "maxima of columns": (x) => tf.mul(x, tf.max(x, 0)),
  // The gradient is made of running products.
  "products of rows": (x) => tf.mul(x, tf.prod(x, 1, true)),
  "a product of numbers with a zero": (x) => tf.mul(x, tf.prod(tf.mul(x, [0, 1, 2, 3]), 1, true)),
  "minima of rows": (x) => tf.mul(x, tf.min(x, 1, true)),
};

/** Functions without a gradient, of the features alone. */
const flat: Record<string, Unary> = {
  sign: tf.sign,
  floor: tf.floor,
  ceil: tf.ceil,
  round: (x) => tf.round(tf.mul(x, 4)),
  "zerosLike and onesLike": (x) => tf.sub(tf.zerosLike(x), tf.onesLike(x)),
  "zerosLike of infinite numbers": (x) => tf.zerosLike(tf.div(x, 0)),
  "onesLike and zerosLike of integers": (x) => toFloat(tf.add(tf.onesLike(toInt(x)), tf.zerosLike(toInt(x)))),
  "running products from either end": (x) =>
    tf.add(tf.cumprod(x, 1), tf.mul(tf.cumprod(x, 0, true, true), tf.cumprod(x, 0, true))),
  "a running product and extremes of integers and booleans": (x) => {
    const whole = toInt(tf.mul(x, 3));
    const some = tf.greater(x, 0.5);
    const extremes = tf.add(toInt(tf.max(some, 1, true)), toInt(tf.min(some, 0)));
    return toFloat(tf.add(tf.cumprod(whole, 1), tf.add(extremes, tf.cumsum(some, 1))));
  },
  "truncation to integers": (x) => toFloat(toInt(tf.mul(x, 3))),
  "a mean of integers": (x) => tf.mean(toInt(tf.mul(x, 3)), 1, true),
  "a sum and a maximum of integers": (x) => {
    const whole = toInt(tf.mul(x, 3));
    return toFloat(tf.add(tf.sum(whole, 0), tf.max(whole, 1, true)));
  },
  "squares and limits of integers": (x) => {
    const whole = toInt(tf.mul(x, 3));
    return toFloat(tf.add(tf.square(whole), tf.clipByValue(whole, -2, 1)));
  },
  "padding of integers": (x) =>
    toFloat(
      tf.slice(
        tf.pad(
          toInt(tf.mul(x, 3)),
          [
            [0, 0],
            [1, 0],
          ],
          7,
        ),
        [0, 0],
        [4, 4],
      ),
    ),
  "a fill of integers": (x) => tf.add(toFloat(tf.fill([4, 4], 2, "int32")), x),
  "a fill of booleans": (x) => tf.mul(x, toFloat(tf.fill([4, 4], 1, "bool"))),
  isNaN: (x) => toFloat(tf.isNaN(tf.sqrt(x))),
  isInf: (x) => toFloat(tf.isInf(tf.div(1, tf.relu(x)))),
  "a step of NaN": (x) => toFloat(tf.isNaN(tf.step(tf.sqrt(x)))),
  "logical operators": (x) => {
    const [a, b] = [tf.greater(x, 0.2), tf.less(x, 0.6)];
    const either = tf.logicalOr(tf.logicalNot(a), tf.logicalNot(b));
    return tf.add(toFloat(tf.logicalAnd(a, b)), tf.mul(toFloat(either), 3));
  },
  "the places of extremes": (x) => toFloat(tf.add(tf.argMax(x, 1), tf.argMin(x, -1))),
  "any and all": (x) =>
    tf.add(toFloat(tf.any(tf.greater(x, 0.5), 1)), toFloat(tf.all(tf.greater(x, -0.5), 0, true))),
  isFinite: (x) => toFloat(tf.isFinite(tf.div(1, tf.relu(x)))),
  "a range of floats": (x) =>
    tf.add(x, call("Range", {}, { start: 0, stop: 2, step: 0.5, dtype: "float32" })),
  "a range of integers": (x) =>
    tf.add(x, toFloat(call("Range", {}, { start: 4, stop: 0, step: -1, dtype: "int32" }))),
  "remainders of integers": (x) => toFloat(tf.mod(toInt(tf.mul(x, 9)), tf.scalar(-4, "int32"))),
  "floorDiv of floats": (x) => tf.floorDiv(tf.mul(x, 9), tf.add(tf.abs(x), 2)),
  "floorDiv of integers": (x) => toFloat(tf.floorDiv(toInt(tf.mul(x, 9)), toInt(tf.scalar(4)))),
};

/**
 * Kernels that take integers on the backend `cpu`, whether the operation that calls them does or not. Not Erf: of 4 it is
 * 1 in float32 and less in float64, which is cut to 0.
 */
const ofIntegers =
  "Abs Neg Sign Floor Ceil Round Square Relu Relu6 Step LeakyRelu Elu Selu Sigmoid Softplus Reciprocal Exp Expm1 Log Log1p \
Sqrt Rsqrt Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh IsNan IsInf IsFinite Softmax".split(
    " ",
  );
const pairsOfIntegers =
  "Add Sub Multiply FloorDiv Mod Maximum Minimum SquaredDifference Atan2 Prelu EluGrad Equal Less AddN".split(
    " ",
  );

function integers(kernel: string): ConformanceCase {
  const isPair = pairsOfIntegers.includes(kernel);
  return ofOne(
    `integers into ${kernel}`,
    (x) => x,
    (x) => {
      const whole = toInt(tf.mul(x, 4));
      const other = tf.add(tf.square(tf.reverse(whole, 1)), tf.scalar(1, "int32"));
      const named = isPair
        ? { a: whole, b: other, x: whole, alpha: other, dy: other, y: whole }
        : { x: whole, logits: whole };
      return toFloat(call(kernel, kernel === "AddN" ? [whole, other] : named, { alpha: 0.3, dim: -1 }));
    },
  );
}

const rowsByCondition: Unary = (x) => {
  const condition = tf.reshape(tf.greater(tf.slice(x, [0, 0], [-1, 1]), 0), [4]);
  return call("Select", { condition, t: tf.neg(x), e: tf.exp(x) });
};

const binary: Record<string, Binary> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: (a, b) => tf.div(a, positive(b)),
  pow: (a, b) => tf.pow(positive(a), b),
  mod: (a, b) => tf.mod(tf.mul(a, 5), tf.mul(tf.sign(b), positive(b))),
  atan2: tf.atan2,
  prelu: (a, b) => tf.prelu(a, tf.mul(b, tf.onesLike(a))),
  // TF.js has no gradient of a broadcast operand for these three.
  maximum: (a, b) => tf.maximum(a, tf.mul(b, tf.onesLike(a))),
  minimum: (a, b) => tf.minimum(a, tf.mul(b, tf.onesLike(a))),
  squaredDifference: (a, b) => tf.squaredDifference(a, tf.mul(b, tf.onesLike(a))),
  where: (a, b, raw) => tf.where(tf.greater(raw, 0.3), tf.square(a), tf.exp(b)),
  "all comparisons": (a, b, raw) => {
    const [p, q] = [raw, tf.reverse(raw, 2)].map((x) => tf.round(tf.mul(x, 2)));
    const all = [tf.equal, tf.notEqual, tf.greater, tf.greaterEqual, tf.less, tf.lessEqual];
    const code = tf.addN(all.map((compare, i) => tf.mul(toFloat(compare(p, q)), 2 ** i)));
    return tf.mul(code, tf.mul(a, b));
  },
};

/** A function of x·w + b, and one of the features x; features and labels are `[4, 4]`. */
function ofOne(name: string, f: Unary, ofFeatures: Unary = () => tf.scalar(0)): ConformanceCase {
  return {
    name,
    make: () => {
      const variables = [tf.variable(tf.ones([4, 4])), tf.variable(tf.ones([4]))];
      return {
        model: (x) => tf.add(f(tf.add(tf.matMul(x, variables[0]), variables[1])), ofFeatures(x)),
        variables,
        loss: "meanSquaredError",
        features: [float(4)],
        labels: [float(4)],
        batchSize: 4,
      };
    },
  };
}

/** A function of x·w and a vector, a column, a number, or another matrix. */
const ofTwo = (name: string, f: Binary, shape: number[]): ConformanceCase => ({
  name: `${name} with [${shape}]`,
  make: () => {
    const variables = [tf.variable(tf.ones([3, 5])), tf.variable(tf.ones(shape))];
    return {
      model: (x) => f(tf.mul(x, variables[0]), variables[1], x),
      variables,
      loss: "meanSquaredError",
      features: [float(3, 5)],
      labels: [float(3, 5)],
      batchSize: 2,
    };
  },
});

export const elementwiseCases: readonly ConformanceCase[] = [
  ...Object.entries(smooth).map(([name, f]) => ofOne(name, f)),
  ...Object.entries(flat).map(([name, f]) => ofOne(name, (x) => x, f)),
  ...[...ofIntegers, ...pairsOfIntegers].map(integers),
  ...Object.entries(binary).flatMap(([name, f]) =>
    [[3, 5], [5], [3, 1], []].map((shape) => ofTwo(name, f, shape)),
  ),
  {
    ...ofOne("the kernel LogSoftmax", (x) => call("LogSoftmax", { logits: x })),
    notTensorflow: "the cpu backend has no such kernel: tf.logSoftmax is made of others",
  },
  {
    ...ofOne("the kernel Select with a row for each condition", (x) => x, rowsByCondition),
    notTensorflow: "the cpu backend repeats the first elements of both",
  },
  ofOne(
    "reverse without axes",
    (x) => x,
    (x) => tf.reverse(x),
  ),
  ofOne("expm1 and log1p of small numbers", (x) =>
    tf.add(tf.expm1(tf.mul(x, 1e-5)), tf.log1p(tf.mul(tf.square(x), 1e-6))),
  ),
  ofOne("expm1, log1p and softplus of large numbers", (x) =>
    tf.add(
      tf.mul(tf.expm1(tf.mul(x, 20)), 1e-9),
      tf.add(tf.log1p(tf.exp(tf.mul(x, 12))), tf.softplus(tf.mul(x, 100))),
    ),
  ),
  {
    name: "integer features",
    classes: 7,
    make: () => {
      const weight = tf.variable(tf.ones([3, 2]));
      return {
        model: (x) => tf.matMul(toFloat(tf.add(x, 1)) as tf.Tensor2D, weight as tf.Tensor2D),
        variables: [weight],
        loss: "meanSquaredError",
        features: [int(3)],
        labels: [float(2)],
        batchSize: 4,
      };
    },
  },
];
