/** The kernel that makes numbers from nothing and is no constant: many equal ones. */
import type { Lowering } from "../lowering.ts";

export const sources: Readonly<Record<string, Lowering>> = {
  Fill: (program, { attributes, outputs: [y] }) => {
    const { dtype, shape } = program.type(y);
    program.set(y, program.builder.filled(attributes.value as number, dtype, shape));
  },
};
