/** Kernels that make numbers from nothing: fills, ranges and random operators. */
import type { Lowering, LoweringProgram } from "../lowering.ts";

/** Draws of one truncated number, of which the first within two deviations counts: all are beyond with 0.0455⁸ = 2e−11. */
const attempts = 8;

function normal(
  { builder }: LoweringProgram,
  mean: number,
  deviation: number,
  shape: readonly number[],
): string {
  return builder.node("RandomNormal", [], { mean: { float: mean }, scale: { float: deviation }, shape });
}

/** A standard normal number within ±2; ±2 itself when every attempt failed. */
function truncatedNormal(program: LoweringProgram, shape: readonly number[]): string {
  const { builder } = program;
  const limit = builder.scalar(2);
  let z = normal(program, 0, 1, shape);
  for (let attempt = 1; attempt < attempts; attempt++) {
    const within = builder.node("LessOrEqual", [builder.node("Abs", [z]), limit]);
    z = builder.node("Where", [within, z, normal(program, 0, 1, shape)]);
  }
  return builder.node("Clip", [z, builder.scalar(-2), limit]);
}

export const sources: Readonly<Record<string, Lowering>> = {
  Fill: (program, { attributes, outputs: [y] }) => {
    const { dtype, shape } = program.type(y);
    program.set(y, program.builder.filled(attributes.value as number, dtype, shape));
  },
  Range: (program, { attributes, outputs: [y] }) => {
    const { start, step } = attributes as { start: number; step: number };
    const { dtype, shape } = program.type(y);
    const values = Array.from({ length: shape[0] }, (_, i) => start + i * step);
    const { builder } = program;
    program.set(
      y,
      dtype === "float32"
        ? builder.floats(Float32Array.from(values), shape)
        : builder.indices(Int32Array.from(values), shape),
    );
  },
  RandomUniform: (program, { attributes, outputs: [y] }) => {
    const { maxval, minval } = attributes as { minval: number; maxval: number };
    const shape = program.shape(y);
    program.set(
      y,
      program.builder.node("RandomUniform", [], { low: { float: minval }, high: { float: maxval }, shape }),
    );
  },
  RandomNormal: (program, { attributes, outputs: [y] }) => {
    const { mean, stdDev, truncated } = attributes as { mean: number; stdDev: number; truncated?: boolean };
    const { builder } = program;
    const shape = program.shape(y);
    if (!truncated) {
      program.set(y, normal(program, mean, stdDev, shape));
      return;
    }
    const scaled = builder.node("Mul", [truncatedNormal(program, shape), builder.scalar(stdDev)]);
    program.set(y, builder.node("Add", [scaled, builder.scalar(mean)]));
  },
};
