/** Training losses over updates as lines, one for each contender with a band over its seeds. */
import type { Chart, Series } from "../../src/pages/chart.ts";
import { curveBlock } from "../../src/shared/run-shape.ts";
import { statisticsOf } from "../harness/statistics.ts";

export interface LossRun {
  readonly contender: string;
  readonly lossCurve: readonly number[];
}

/** Losses above are as lost as this one; drawn as they are they would flatten everything else. */
const highestLoss = 10;

/** @param runs Of one setting; a contender's seeds in any order. */
export function lossChart(title: string, runs: readonly LossRun[]): Chart {
  const names = [...new Set(runs.map(({ contender }) => contender))];
  return {
    kind: "lines",
    title,
    x: { label: "updates" },
    y: { label: "training loss, means of 50 updates", scale: "log" },
    series: names.map((name) =>
      seriesOf(
        name,
        runs.filter(({ contender }) => contender === name).map(({ lossCurve }) => lossCurve),
      ),
    ),
  };
}

/** Median over the seeds that still have a loss at that place, and their range. */
function seriesOf(name: string, curves: readonly (readonly number[])[]): Series {
  const length = Math.max(...curves.map((curve) => curve.length));
  const at = Array.from({ length }, (_, i) =>
    statisticsOf(
      curves
        .flatMap((curve) => (curve[i] > 0 ? [Math.min(curve[i], highestLoss)] : []))
        .concat(curves.every((curve) => !(curve[i] > 0)) ? [highestLoss] : []),
    ),
  );
  return {
    name,
    x: at.map((_, i) => curveBlock * (i + 1)),
    y: at.map(({ median }) => median),
    band: { low: at.map(({ min }) => min), high: at.map(({ max }) => max) },
  };
}
