/** Activations of fused kernels, and the relu family on its own. */
import { cannot, YfError } from "../../errors.ts";
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { LoweringProgram } from "../lowering.ts";

/** The activation of a fused kernel, applied to the name of its linear part. */
export function applyActivation(
  program: LoweringProgram,
  { attributes, inputs, layer, op }: GraphNode,
  name: string,
): string {
  const { builder } = program;
  const activation = (attributes.activation as string | undefined) ?? "linear";
  switch (activation) {
    case "linear":
      return name;
    case "relu":
      return builder.node("Relu", [name]);
    case "relu6":
      return builder.node("Clip", [name, builder.scalar(0), builder.scalar(6)]);
    case "elu":
      return builder.node("Elu", [name]);
    case "sigmoid":
      return builder.node("Sigmoid", [name]);
    case "leakyrelu":
      return builder.node("LeakyRelu", [name], { alpha: { float: attributes.leakyreluAlpha as number } });
    case "prelu":
      return builder.node("PRelu", [name, program.plain(inputs[3] as ValueId)]);
    default:
      throw new YfError(
        "NO_LOWERING",
        cannot(`lower ${op}`, "its activation must be known (--engine tfjs can run it)", activation),
        { kernel: op, layer },
      );
  }
}
