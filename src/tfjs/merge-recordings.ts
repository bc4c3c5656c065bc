/**
 * Makes one graph of two recordings of the same model.
 *
 * What differs between two recordings cannot be frozen into a program. Random ops draw from another stream in each, and
 * become random operators; anything else that differs is an error that names it.
 */
import { isDeepStrictEqual } from "node:util";
import { cannot, YfError } from "../errors.ts";
import type { ConstantData, Graph, GraphNode, ValueId } from "../graph/graph.ts";
import { isRandomOp } from "./pin-randomness.ts";
import type { PrunedTrace } from "./prune.ts";
import { recoverDistribution } from "./recover-distribution.ts";

/**
 * Seeds of the two recordings. Any two numbers do; with these the first draws are far apart (uniform 0.001 and 0.994,
 * normal −2.3 and 1.6, truncated −1.3 and 1.6), so that even one sample each gives the parameters to float32 precision.
 */
const pins = [541, 773] as const;

/**
 * Records twice and returns the graph that both agree on, with random operators in place of random numbers.
 *
 * @param recordWith Makes a recording whose random ops have the seed `pin`.
 * @throws {YfError} `NO_TRACE` if the model does not do the same both times.
 */
export function mergeRecordings(recordWith: (pin: number) => PrunedTrace): Graph {
  const [first, second] = [recordWith(pins[0]), recordWith(pins[1])];
  checkSameProgram(first, second);
  const constants = new Map<ValueId, ConstantData>();
  const random: GraphNode[] = [];
  for (const [id, { data, op, layer }] of first.constants) {
    // Both programs have the same nodes, so what no node makes is a constant in both.
    const again = second.constants.get(id)?.data ?? data;
    if (isRandomOp(op)) {
      const { shape } = first.graph.values[id];
      const distribution = recoverDistribution(op, shape, [
        { pin: pins[0], data },
        { pin: pins[1], data: again },
      ]);
      if (!distribution) throw notRepeatable(`tf.${op} that is not float32 or has a text seed`, layer);
      random.push({ ...distribution, inputs: [], outputs: [id], layer });
    } else if (isDeepStrictEqual(data, again)) {
      constants.set(id, data);
    } else {
      throw notRepeatable(`numbers from tf.${op} that change from call to call`, layer);
    }
  }
  return { ...first.graph, constants, nodes: [...random, ...first.graph.nodes] };
}

function checkSameProgram({ graph: a }: PrunedTrace, { graph: b }: PrunedTrace): void {
  if (isDeepStrictEqual(a, b)) return;
  const at = a.nodes.findIndex((node, i) => !isDeepStrictEqual(node, b.nodes[i]));
  const node = a.nodes[at] ?? b.nodes[a.nodes.length];
  throw notRepeatable(
    `a call of ${node?.op ?? "another kernel"} that changes from call to call`,
    node?.layer ?? null,
  );
}

function notRepeatable(what: string, layer: string | null): YfError {
  const where = layer === null ? "" : ` in layer ${layer}`;
  const rule =
    "must do the same at every call, except for float32 tf.randomUniform, randomNormal and truncatedNormal";
  return new YfError("NO_TRACE", cannot("trace the model", rule, `${what}${where}`), { layer });
}
