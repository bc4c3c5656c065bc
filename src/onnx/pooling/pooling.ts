/**
 * Pools and their gradients by shifted slices of the plain tensor, channels last: any window, stride, padding and number
 * of spatial axes.
 *
 * Window position (i, j) of every window at once is one strided slice. 2×2 max-pools of convolutions take the faster
 * way of `phase-pool.ts`.
 */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import { geometry, type WindowCall } from "../geometry.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";
import { phaseMaxPool, phaseMaxPoolGradient } from "./phase-pool.ts";

function poolOf(node: GraphNode, input: readonly number[], output: readonly number[]): WindowCall {
  const size = node.attributes.filterSize;
  const filter = Array.isArray(size) ? (size as number[]) : Array(input.length - 2).fill(size);
  return { geometry: geometry(node, input, filter, output), filter, input, output };
}

/** A number for each axis of a tensor from those of its spatial axes. */
const around = (spatial: readonly number[], batch = 0, channels = 0) => [batch, ...spatial, channels];

/** Input with the pool's padding, cut where no window reaches. */
function padded({ builder }: LoweringProgram, pool: WindowCall, x: string, value: number): string {
  const { before } = pool.geometry;
  const after = paddedSizes(pool).map((size, axis) =>
    Math.max(0, size - pool.input[axis + 1] - before[axis]),
  );
  return builder.pad(x, around(before), around(after), value);
}

/** Rows and columns that the windows reach, padding before them included. */
function paddedSizes({ geometry: { strides }, filter, output }: WindowCall): number[] {
  return filter.map((size, axis) => (output[axis + 1] - 1) * strides[axis] + size);
}

/** One slice `[B, OH, OW, C]` per window position, row-major. */
function shifts(
  { builder }: LoweringProgram,
  { geometry: { strides }, filter, output }: WindowCall,
  x: string,
): string[] {
  return windowPositions(filter).map((position) =>
    builder.slice(
      x,
      position.map((from, axis) => ({
        axis: axis + 1,
        from,
        to: from + (output[axis + 1] - 1) * strides[axis] + 1,
        step: strides[axis],
      })),
    ),
  );
}

/** Every position in a window, row-major. */
const windowPositions = (filter: readonly number[]): number[][] =>
  filter.reduce<number[][]>(
    (positions, size) =>
      positions.flatMap((position) => Array.from({ length: size }, (_, at) => [...position, at])),
    [[]],
  );

/** The transpose of {@link shifts}: puts each part back where its slice came from, and adds where they overlap. */
function scatter({ builder }: LoweringProgram, pool: WindowCall, parts: readonly string[]): string {
  const {
    geometry: { before, strides },
    filter,
    input,
    output,
  } = pool;
  const b = output[0];
  const c = output.at(-1) as number;
  const steps = output.slice(1, -1);
  const sizes = paddedSizes(pool);
  const none = around(filter.map(() => 0));
  const terms = windowPositions(filter).map((position, at) => {
    const apart = [b, ...steps.flatMap((size) => [size, 1]), c];
    const spread = builder.reshape(
      builder.pad(
        builder.reshape(parts[at], apart),
        apart.map(() => 0),
        [0, ...strides.flatMap((stride) => [0, stride - 1]), 0],
      ),
      [b, ...steps.map((size, axis) => size * strides[axis]), c],
    );
    // Only the first (OH − 1)·s + 1 rows hold something; the shift then fits into the padded input exactly.
    const kept = builder.crop(spread, [b, ...steps.map((size, axis) => size * strides[axis]), c], none, [
      b,
      ...steps.map((size, axis) => (size - 1) * strides[axis] + 1),
      c,
    ]);
    const rest = position.map((from, axis) => filter[axis] - 1 - from);
    return builder.pad(kept, around(position), around(rest));
  });
  const sum = terms.length === 1 ? terms[0] : builder.node("Sum", terms);
  const reached = sizes.map((size, axis) => Math.min(input[axis + 1], size - before[axis]));
  const cropped = builder.crop(sum, [b, ...sizes, c], around(before), [b, ...reached, c]);
  return builder.pad(cropped, none, around(reached.map((size, axis) => input[axis + 1] - size)));
}

const maxPool: Lowering = (program, node) => {
  const [x] = node.inputs as ValueId[];
  const [y] = node.outputs;
  const phases = program.phases(x);
  if (phases !== undefined) {
    program.set(y, phaseMaxPool(program, phases, program.shape(y)));
    return;
  }
  const pool = poolOf(node, program.shape(x), program.shape(y));
  const slices = maxPoolSlices(program, pool, x);
  program.set(y, slices.length === 1 ? slices[0] : program.builder.node("Max", slices));
};

function maxPoolSlices(program: LoweringProgram, pool: WindowCall, x: ValueId): string[] {
  const {
    filter,
    geometry: { before, strides },
  } = pool;
  return program.once(`max slices ${x} ${filter} ${strides} ${before} ${pool.output}`, () =>
    shifts(program, pool, padded(program, pool, program.plain(x), Number.NEGATIVE_INFINITY)),
  );
}

const maxPoolGrad: Lowering = (program, node) => {
  const [dy, x, y] = node.inputs as ValueId[];
  const [dx] = node.outputs;
  const { builder } = program;
  const phases = program.phases(x);
  if (phases !== undefined) {
    const gradient = phaseMaxPoolGradient(program, phases, program.plain(dy));
    program.setPhases(dx, gradient, () => joinPhases(program, gradient.tensors, program.shape(dx)));
    return;
  }
  const pool = poolOf(node, program.shape(x), program.shape(y));
  const maximum = program.plain(y);
  let rest = program.plain(dy);
  const slices = maxPoolSlices(program, pool, x);
  const parts = slices.map((slice, at) => {
    if (at === slices.length - 1) return rest;
    const wins = builder.node("Cast", [builder.node("Equal", [slice, maximum])], { to: 1 });
    const part = builder.node("Mul", [wins, rest]);
    rest = builder.node("Sub", [rest, part]);
    return part;
  });
  program.set(dx, scatter(program, pool, parts));
};

/** Four phases as one tensor of shape `[B, H, W, C]`. */
export function joinPhases(
  { builder }: LoweringProgram,
  [a, b, c, d]: readonly string[],
  [batch, height, width, channels]: readonly number[],
): string {
  const row = (even: string, odd: string) => {
    const columns = [even, odd].map((phase) =>
      builder.reshape(phase, [batch, height / 2, 1, width / 2, 1, channels]),
    );
    return builder.node("Concat", columns, { axis: 4 });
  };
  const rows = builder.node("Concat", [row(a, b), row(c, d)], { axis: 2 });
  return builder.reshape(rows, [batch, height, width, channels]);
}

/** 1 / number of real elements per window, `[1, OH, OW, 1]`: TF.js does not count the padding. */
function inverseCounts({ builder }: LoweringProgram, pool: WindowCall): string {
  const {
    geometry: { before, strides },
    filter,
    input,
    output,
  } = pool;
  const count = (axis: number, at: number) => {
    const from = at * strides[axis] - before[axis];
    return Math.min(input[axis + 1], from + filter[axis]) - Math.max(0, from);
  };
  const steps = output.slice(1, -1);
  const values = windowPositions(steps).map(
    (position) => 1 / position.reduce((product, at, axis) => product * count(axis, at), 1),
  );
  return builder.floats(Float32Array.from(values), around(steps, 1, 1));
}

const avgPool: Lowering = (program, node) => {
  const [x] = node.inputs as ValueId[];
  const [y] = node.outputs;
  const pool = poolOf(node, program.shape(x), program.shape(y));
  const slices = shifts(program, pool, padded(program, pool, program.plain(x), 0));
  const sum = slices.length === 1 ? slices[0] : program.builder.node("Sum", slices);
  program.set(y, program.builder.node("Mul", [sum, inverseCounts(program, pool)]));
};

const avgPoolGrad: Lowering = (program, node) => {
  const [dy, x] = node.inputs as ValueId[];
  const [dx] = node.outputs;
  const pool = poolOf(node, program.shape(x), program.shape(dy));
  const part = program.builder.node("Mul", [program.plain(dy), inverseCounts(program, pool)]);
  program.set(
    dx,
    scatter(
      program,
      pool,
      windowPositions(pool.filter).map(() => part),
    ),
  );
};

export const pools: Readonly<Record<string, Lowering>> = {
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGrad,
  AvgPool: avgPool,
  AvgPoolGrad: avgPoolGrad,
  MaxPool3D: maxPool,
  MaxPool3DGrad: maxPoolGrad,
  AvgPool3D: avgPool,
  AvgPool3DGrad: avgPoolGrad,
};
