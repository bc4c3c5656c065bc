/** Kernels that make numbers from nothing: fills and ranges. */
import type { Lowering } from "../lowering.ts";

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
};
