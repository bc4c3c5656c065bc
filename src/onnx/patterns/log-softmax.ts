/**
 * Recognises x − logSumExp(x), which TF.js writes as seven kernels, and makes it one LogSoftmax.
 *
 * x − reshape(reshape(max) + log(sum(exp(x − max)))), everything over the last axis.
 */
import type { GraphNode, ValueId } from "../../graph/graph.ts";
import type { LoweringProgram } from "../lowering.ts";

/** @returns Whether the call was such a difference and has been lowered. */
export function logSoftmaxPattern(program: LoweringProgram, node: GraphNode): boolean {
  if (node.op !== "Sub") return false;
  const [x, shift] = node.inputs as [ValueId, ValueId];
  const from = (value: ValueId, op: string) => {
    const producer = program.producer(program.unreshaped(value));
    return producer?.op === op ? (producer.inputs as ValueId[]) : null;
  };
  const sum = from(shift, "Add");
  const log = sum && from(sum[1], "Log");
  const total = log && from(log[0], "Sum");
  const exponential = total && from(total[0], "Exp");
  const difference = exponential && from(exponential[0], "Sub");
  const maximum = difference && from(difference[1], "Max");
  if (!maximum || maximum[0] !== x || difference[0] !== x) return false;
  if (program.unreshaped(sum[0]) !== program.unreshaped(difference[1])) return false;
  // Any other shape would be broadcast along another axis.
  if (`${program.shape(shift)}` !== `${program.shape(x).with(-1, 1)}`) return false;
  const lastAxis = program.shape(x).length - 1;
  const axes = program.producer(program.unreshaped(log[0]))?.attributes.axis;
  if (`${axes}` !== `${lastAxis}` && `${axes}` !== "-1") return false;
  program.set(node.outputs[0], program.builder.node("LogSoftmax", [program.plain(x)], { axis: -1 }));
  return true;
}
