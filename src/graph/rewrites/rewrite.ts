/**
 * The same program in fewer and larger kernels.
 *
 * TF.js unrolls a sequence, so that a recurrent layer comes as many small products with the same kernels. Each rewrite
 * recognises calls by their structure, for any number of steps, units and examples, and gives a graph that computes the
 * same up to rounding: the order in which numbers are added is another one.
 */
import type { Graph } from "../graph.ts";
import { gatheredProducts } from "./gathered-products.ts";
import { plainMatrices } from "./plain-matrices.ts";
import { separateColumns } from "./separate-columns.ts";
import { sharedProducts } from "./shared-products.ts";
import { summedProducts } from "./summed-products.ts";

/** In the order in which one prepares the next. */
const rewrites = [
  plainMatrices,
  summedProducts,
  sharedProducts,
  plainMatrices,
  gatheredProducts,
  separateColumns,
];

/** @returns A graph with the same inputs, parameters, state, draws and outputs. */
export function rewrite(graph: Graph): Graph {
  return rewrites.reduce((current, apply) => apply(current), graph);
}
