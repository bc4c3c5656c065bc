/** The bias of a fused convolution: a number per channel, which goes into the operator, or anything else that broadcasts. */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { LoweringProgram } from "../lowering.ts";

const biasOf = ({ inputs }: GraphNode) => (inputs[2] ?? null) as ValueId | null;

/** Whether what a convolution adds, if anything, is one number per channel. */
export function isPerChannel(program: LoweringProgram, node: GraphNode): boolean {
  const bias = biasOf(node);
  if (bias === null) return true;
  const shape = program.shape(bias);
  const channels = program.shape(node.outputs[0]).at(-1) as number;
  return shape.at(-1) === channels && shape.slice(0, -1).every((size) => size === 1);
}

/** @returns Name of `[C]`; null where there is no such bias. */
export function biasVector(program: LoweringProgram, node: GraphNode): string | null {
  const bias = biasOf(node);
  if (bias === null || !isPerChannel(program, node)) return null;
  return program.reshaped(bias, program.shape(bias).slice(-1));
}

/** Adds the bias of a convolution that {@link biasVector} does not have. */
export function addOtherBias(program: LoweringProgram, node: GraphNode, name: string): string {
  if (isPerChannel(program, node)) return name;
  return program.builder.node("Add", [name, program.plain(biasOf(node) as ValueId)]);
}
