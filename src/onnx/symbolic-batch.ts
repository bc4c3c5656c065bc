/**
 * Makes one ONNX model for minibatches of any size from the models of one graph at three sizes.
 *
 * A lowering writes sizes into its program: the shapes of reshapes, bounds of slices. Models for several sizes differ in
 * those numbers alone. Where such a number is an affine function of the size at all three, it becomes that function of
 * the size found at run time; anything else that differs is left to the caller.
 */
import { isDeepStrictEqual } from "node:util";
import type { OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./model-proto.ts";

/** Three sizes that no layer is likely to have, so that equal numbers are equal for a reason. */
export const probeSizes = [101, 103, 107] as const;

/** What the free dimension is called in the file. */
const dimension = "batch";

type Three<T> = readonly [T, T, T];

/**
 * @param models Of one graph at {@link probeSizes}, whose first input has the batch as its first dimension.
 * @returns Null where the models differ in more than sizes.
 */
export function symbolicBatch(models: Three<OnnxModel>): OnnxModel | null {
  const [first, ...others] = models;
  if (others.some(({ nodes }) => !isDeepStrictEqual(nodes, first.nodes))) return null;
  if (others.some(({ initializers }) => initializers.length !== first.initializers.length)) return null;
  const initializers: OnnxTensor[] = [];
  const computed: OnnxNode[] = [];
  for (const [i, tensor] of first.initializers.entries()) {
    const versions = models.map((model) => model.initializers[i]) as unknown as Three<OnnxTensor>;
    if (isDeepStrictEqual(versions[1], tensor) && isDeepStrictEqual(versions[2], tensor)) {
      initializers.push(tensor);
      continue;
    }
    const sizes = affineSizes(versions);
    if (sizes === null) return null;
    const inferred = isShape(first, tensor.name) ? inferredShape(sizes) : null;
    if (inferred !== null) {
      initializers.push(int64(tensor.name, inferred));
      continue;
    }
    if (tensor.shape.length !== 1) return null;
    const slopes = int64(
      `${tensor.name}_slope`,
      sizes.map(({ slope }) => slope),
    );
    const intercepts = int64(
      `${tensor.name}_intercept`,
      sizes.map(({ intercept }) => intercept),
    );
    initializers.push(slopes, intercepts);
    computed.push(
      node("Mul", [slopes.name, dimension], `${tensor.name}_scaled`),
      node("Add", [`${tensor.name}_scaled`, intercepts.name], tensor.name),
    );
  }
  const size = node("Shape", [first.inputs[0].name], dimension, { start: 0, end: 1 });
  return {
    ...first,
    nodes: computed.length === 0 ? first.nodes : [size, ...computed, ...first.nodes],
    initializers,
    inputs: first.inputs.map(freed),
    outputs: first.outputs.map(freed),
  };
}

interface AffineSize {
  readonly slope: bigint;
  readonly intercept: bigint;
}

/** Each element as a function of the batch size; null if one of them is none. */
function affineSizes([first, ...others]: Three<OnnxTensor>): AffineSize[] | null {
  const alike = others.every(({ name, shape, type }) =>
    isDeepStrictEqual({ name, shape, type }, pick(first)),
  );
  if (!alike || first.type !== "int64") return null;
  const [a, b, c] = [first, ...others].map(elements);
  const [p, q, r] = probeSizes.map(BigInt);
  const sizes = Array.from(a, (value, i) => {
    const slope = (b[i] - value) / (q - p);
    return { slope, intercept: value - slope * p };
  });
  const holds = sizes.every(
    ({ intercept, slope }, i) => slope * q + intercept === b[i] && slope * r + intercept === c[i],
  );
  return holds ? sizes : null;
}

const pick = ({ name, shape, type }: OnnxTensor) => ({ name, shape, type });

/** Whether a tensor is read as the target of reshapes only, where −1 stands for what is left. */
function isShape({ nodes }: OnnxModel, name: string): boolean {
  return nodes.every(
    ({ inputs, op }) => !inputs.includes(name) || (op === "Reshape" && inputs.indexOf(name) === 1),
  );
}

/** The shape with −1 in the one place that depends on the batch size; null if there are more. */
function inferredShape(sizes: readonly AffineSize[]): bigint[] | null {
  if (sizes.filter(({ slope }) => slope !== 0n).length !== 1) return null;
  return sizes.map(({ intercept, slope }) => (slope === 0n ? intercept : -1n));
}

/** The batch of an input or output, its first dimension, made free. */
function freed(value: OnnxValue): OnnxValue {
  return { ...value, shape: [dimension, ...value.shape.slice(1)] };
}

function elements({ bytes }: OnnxTensor): BigInt64Array {
  return new BigInt64Array(Uint8Array.from(bytes).buffer);
}

function int64(name: string, values: readonly bigint[]): OnnxTensor {
  return {
    name,
    type: "int64",
    shape: [values.length],
    bytes: new Uint8Array(BigInt64Array.from(values).buffer),
  };
}

function node(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: OnnxNode["attributes"] = {},
): OnnxNode {
  return { op, domain: "", inputs, outputs: [output], attributes };
}
