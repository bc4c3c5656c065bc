/**
 * Pools and their gradients by shifted slices of the plain NHWC tensor: any window, stride and padding.
 *
 * Window position (i, j) of every window at once is one strided slice. 2×2 max-pools of convolutions take the faster
 * way of `phase-pool.ts`.
 */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import { type Geometry, geometry } from "../convolution/geometry.ts";
import type { Lowering, LoweringProgram } from "../lowering.ts";
import { phaseMaxPool, phaseMaxPoolGradient } from "./phase-pool.ts";

interface Pool {
  readonly geometry: Geometry;
  readonly filter: readonly [number, number];
  readonly input: readonly number[];
  readonly output: readonly number[];
}

function poolOf(node: GraphNode, input: readonly number[], output: readonly number[]): Pool {
  const size = node.attributes.filterSize;
  const filter = (Array.isArray(size) ? size : [size, size]) as [number, number];
  return { geometry: geometry(node, input, filter, output), filter, input, output };
}

/** Input with the pool's padding, cut where no window reaches. */
function padded({ builder }: LoweringProgram, pool: Pool, x: string, value: number): string {
  const { padTop, padLeft } = pool.geometry;
  const [height, width] = paddedSize(pool);
  const [, inHeight, inWidth] = pool.input;
  return builder.pad(
    x,
    [0, padTop, padLeft, 0],
    [0, Math.max(0, height - inHeight - padTop), Math.max(0, width - inWidth - padLeft), 0],
    value,
  );
}

/** Rows and columns that the windows reach, padding before them included. */
function paddedSize({ geometry: { strides }, filter, output }: Pool): [number, number] {
  const size = (axis: 0 | 1) => (output[axis + 1] - 1) * strides[axis] + filter[axis];
  return [size(0), size(1)];
}

/** One slice `[B, OH, OW, C]` per window position, row-major. */
function shifts(
  { builder }: LoweringProgram,
  { geometry: { strides }, filter, output }: Pool,
  x: string,
): string[] {
  const range = (axis: 0 | 1, from: number) => ({
    axis: axis + 1,
    from,
    to: from + (output[axis + 1] - 1) * strides[axis] + 1,
    step: strides[axis],
  });
  return windowPositions(filter).map(([i, j]) => builder.slice(x, [range(0, i), range(1, j)]));
}

const windowPositions = ([rows, columns]: readonly [number, number]): [number, number][] =>
  Array.from({ length: rows * columns }, (_, at) => [Math.floor(at / columns), at % columns]);

/** The transpose of {@link shifts}: puts each part back where its slice came from, and adds where they overlap. */
function scatter({ builder }: LoweringProgram, pool: Pool, parts: readonly string[]): string {
  const {
    geometry: { padLeft, padTop, strides },
    filter,
    input,
    output,
  } = pool;
  const [b, oh, ow, c] = output;
  const [sh, sw] = strides;
  const [height, width] = paddedSize(pool);
  const terms = windowPositions(filter).map(([i, j], at) => {
    const spread = builder.reshape(
      builder.pad(
        builder.reshape(parts[at], [b, oh, 1, ow, 1, c]),
        [0, 0, 0, 0, 0, 0],
        [0, 0, sh - 1, 0, sw - 1, 0],
      ),
      [b, oh * sh, ow * sw, c],
    );
    // Only the first (OH − 1)·s + 1 rows hold something; the shift then fits into the padded input exactly.
    const kept = builder.crop(
      spread,
      [b, oh * sh, ow * sw, c],
      [0, 0, 0, 0],
      [b, (oh - 1) * sh + 1, (ow - 1) * sw + 1, c],
    );
    return builder.pad(kept, [0, i, j, 0], [0, filter[0] - 1 - i, filter[1] - 1 - j, 0]);
  });
  const sum = terms.length === 1 ? terms[0] : builder.node("Sum", terms);
  const [, inHeight, inWidth] = input;
  const reached = [b, Math.min(inHeight, height - padTop), Math.min(inWidth, width - padLeft), c];
  const cropped = builder.crop(sum, [b, height, width, c], [0, padTop, padLeft, 0], reached);
  return builder.pad(cropped, [0, 0, 0, 0], [0, inHeight - reached[1], inWidth - reached[2], 0]);
}

export const maxPool: Lowering = (program, node) => {
  const [x] = node.inputs as ValueId[];
  const [y] = node.outputs;
  const phases = program.phases(x);
  if (phases !== undefined) {
    program.set(y, phaseMaxPool(program, phases));
    return;
  }
  const pool = poolOf(node, program.shape(x), program.shape(y));
  const slices = maxPoolSlices(program, pool, x);
  program.set(y, slices.length === 1 ? slices[0] : program.builder.node("Max", slices));
};

function maxPoolSlices(program: LoweringProgram, pool: Pool, x: ValueId): string[] {
  const {
    filter,
    geometry: { strides, padTop, padLeft },
  } = pool;
  return program.once(`max slices ${x} ${filter} ${strides} ${padTop} ${padLeft} ${pool.output}`, () =>
    shifts(program, pool, padded(program, pool, program.plain(x), Number.NEGATIVE_INFINITY)),
  );
}

export const maxPoolGrad: Lowering = (program, node) => {
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
function inverseCounts({ builder }: LoweringProgram, pool: Pool): string {
  const {
    geometry: { padLeft, padTop, strides },
    filter,
    input,
    output,
  } = pool;
  const count = (axis: 0 | 1, pad: number, at: number) => {
    const from = at * strides[axis] - pad;
    return Math.min(input[axis + 1], from + filter[axis]) - Math.max(0, from);
  };
  const [, rows, columns] = output;
  const values = Float32Array.from(
    { length: rows * columns },
    (_, at) => 1 / (count(0, padTop, Math.floor(at / columns)) * count(1, padLeft, at % columns)),
  );
  return builder.floats(values, [1, rows, columns, 1]);
}

export const avgPool: Lowering = (program, node) => {
  const [x] = node.inputs as ValueId[];
  const [y] = node.outputs;
  const pool = poolOf(node, program.shape(x), program.shape(y));
  const slices = shifts(program, pool, padded(program, pool, program.plain(x), 0));
  const sum = slices.length === 1 ? slices[0] : program.builder.node("Sum", slices);
  program.set(y, program.builder.node("Mul", [sum, inverseCounts(program, pool)]));
};

export const avgPoolGrad: Lowering = (program, node) => {
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
