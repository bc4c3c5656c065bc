/** Kernels that make numbers from nothing: fills and random operators. */
import type { Lowering } from "../lowering.ts";

export const sources: Readonly<Record<string, Lowering>> = {
  Fill: (program, { attributes, outputs: [y] }) => {
    const { builder } = program;
    const value = builder.scalar(attributes.value as number);
    const shape = program.shape(y);
    const filled = shape.length === 0 ? value : builder.node("Expand", [value, builder.ints(shape)]);
    program.set(y, filled);
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
    const { mean, stdDev } = attributes as { mean: number; stdDev: number };
    const shape = program.shape(y);
    program.set(
      y,
      program.builder.node("RandomNormal", [], { mean: { float: mean }, scale: { float: stdDev }, shape }),
    );
  },
};
