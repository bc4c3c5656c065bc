/**
 * In which order matrices are put one below the other.
 *
 * Several rewrites stack the same matrices: the gradients of all steps go into the gradients of two kernels, of the bias
 * and of the inputs. All of them ask here, so that one stack serves them all, and one that exists already is found.
 */
import type { Graph, ValueId } from "../graph.ts";

export class RowStacks {
  /** Place of each value in its stack, by the values. */
  readonly #places = new Map<string, ReadonlyMap<ValueId, number>>();

  /** @param graph Whose concatenations and splits of rows are known from the start. */
  constructor({ nodes }: Graph) {
    for (const { attributes, inputs, op, outputs } of nodes) {
      if (attributes.axis !== 0) continue;
      if (op === "SplitV") this.#remember(outputs);
      if (op === "Concat") this.#remember(inputs as readonly ValueId[]);
    }
  }

  /**
   * Sorts matrices that belong together into the order of the first stack that is known, by default that of their ids.
   *
   * @param groups For each matrix of the stacks, the members of each stack: `[steps][stacks]`.
   */
  order<Group extends readonly ValueId[]>(groups: readonly Group[]): readonly Group[] {
    const stacks = groups[0].map((_, i) => groups.map((group) => group[i]));
    const known = stacks.findIndex((stack) => this.#places.has(keyOf(stack)));
    const at = Math.max(known, 0);
    const places = this.#places.get(keyOf(stacks[at]));
    const place = (group: Group) => places?.get(group[at]) ?? group[at];
    const sorted = groups.toSorted((a, b) => place(a) - place(b));
    for (const i of stacks.keys()) this.#remember(sorted.map((group) => group[i]));
    return sorted;
  }

  #remember(values: readonly ValueId[]): void {
    const key = keyOf(values);
    if (!this.#places.has(key)) this.#places.set(key, new Map(values.map((value, i) => [value, i])));
  }
}

const keyOf = (values: readonly ValueId[]) => values.toSorted((a, b) => a - b).join();
