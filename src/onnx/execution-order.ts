/**
 * The order in which the nodes of a model are written, by which ONNX Runtime orders its run.
 *
 * ONNX Runtime walks back from the nodes that no other node reads, the last one in the file first, and at each node to its inputs,
 * the last one in the file first; a node runs when all its inputs have. Written in the order of a trace, everything that
 * the backward pass makes of activations (padded copies, masks) runs before the gradients that it is combined with are
 * known, and stays in memory until they are. So what is known early is written early, which makes it run late; and what
 * leads to one output alone is written last, the output that is known first at the very end.
 */
import type { OnnxNode } from "./model-proto.ts";

/** @param nodes In an order in which every node follows those that it reads. @returns The same nodes in another such order. */
export function inExecutionOrder(nodes: readonly OnnxNode[]): OnnxNode[] {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const makersOf = (node: OnnxNode) => node.inputs.flatMap((input) => makers.get(input) ?? []);

  /** Nodes on the longest way from the model's inputs. */
  const depths = new Map<OnnxNode, number>();
  for (const node of nodes) {
    depths.set(node, 1 + Math.max(0, ...makersOf(node).map((maker) => depths.get(maker) ?? 0)));
  }

  /** The one unread node to which all that is made of a node leads; null where it leads to several. */
  const ends = new Map<OnnxNode, OnnxNode | null>();
  for (const node of nodes.toReversed()) {
    const end = ends.has(node) ? (ends.get(node) as OnnxNode | null) : node;
    ends.set(node, end);
    for (const maker of makersOf(node)) {
      ends.set(maker, !ends.has(maker) || ends.get(maker) === end ? end : null);
    }
  }
  const depth = (node: OnnxNode) => depths.get(node) as number;
  const endDepth = (node: OnnxNode) => {
    const end = ends.get(node) ?? null;
    return end === null ? Number.MAX_SAFE_INTEGER : depth(end);
  };
  // Sorting is stable.
  return nodes.toSorted((a, b) => endDepth(b) - endDepth(a) || depth(a) - depth(b));
}
