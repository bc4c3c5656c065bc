/** The runs of the scenario `staleness` as tables and a chart. */
import type { Chart } from "../../../src/pages/chart.ts";
import type { FigureTable } from "../../harness/scenario.ts";
import { statisticsOf } from "../../harness/statistics.ts";
import { diverged } from "../simulated-run.ts";
import { alone, isRetuned, manyTitles, type Problem } from "./contenders.ts";
import { cellOf, distinct, geometricMean, logRatios, medianUpdates, type Run } from "./runs.ts";

export function updatesToTarget(problem: Problem, all: readonly Run[]): FigureTable {
  const { classes, maxUpdates, targets, title } = problem;
  const runs = all.filter((run) => run.problem === title);
  const settings = distinct(runs, "setting");
  const cellText = (contender: string, setting: string) => {
    const cell = cellOf(runs, contender, setting);
    if (cell.length === 0) return "";
    const lost = cell.filter((run) => diverged(run, classes)).length;
    const texts = targets.map((_, i) =>
      cell.some(({ reached }) => reached[i] === null) ? "–" : `${medianUpdates(problem, cell, i)}`,
    );
    return `${texts.join(" / ")}${lost === 0 ? "" : `, ${lost} diverged`}`;
  };
  const leastAccuracy = (contender: string) =>
    Math.min(...runs.filter((run) => run.contender === contender).map(({ testAccuracy }) => testAccuracy));
  return {
    title:
      `${title}: updates until the mean loss of 100 updates is ${targets.join(" / ")}, median of the seeds; “–” if a seed ` +
      `missed it within ${maxUpdates}; least test accuracy of all runs after ${maxUpdates} updates`,
    columns: ["", ...settings, "least accuracy, %"],
    rows: distinct(runs, "contender").map((contender) => [
      contender,
      ...settings.map((setting) => cellText(contender, setting)),
      (100 * leastAccuracy(contender)).toFixed(2),
    ]),
  };
}

/** How well a problem's runs end: with each number of workers. */
export function accuracies({ maxUpdates, title }: Problem, all: readonly Run[]): FigureTable {
  const runs = all.filter((run) => run.problem === title);
  const settings = distinct(runs, "setting");
  return {
    title: `${title}: test accuracy in % after ${maxUpdates} updates, median of the seeds`,
    columns: ["", ...settings],
    rows: distinct(runs, "contender").map((contender) => [
      contender,
      ...settings.map((setting) => {
        const cell = cellOf(runs, contender, setting).map(({ testAccuracy }) => 100 * testAccuracy);
        return cell.length === 0 ? "" : statisticsOf(cell).median.toFixed(2);
      }),
    ]),
  };
}

export function againstExpert(problems: readonly Problem[], runs: readonly Run[]): FigureTable {
  const names = distinct(runs, "contender");
  const experts = names.filter(isRetuned);
  return {
    title:
      "Updates to the first target with 16 and 32 workers, as a multiple of the best expert whose learning rate was searched " +
      `for that setting: geometric means, a missed target counted as the whole run; the same with ${alone}; runs that ` +
      "diverged, of all",
    columns: ["", ...problems.map(({ title }) => title), "all", alone, "diverged"],
    rows: names.map((contender) => {
      const logs = (settings: readonly string[]) =>
        problems.map((problem) => logRatios(problem, runs, contender, experts, settings));
      const many = logs(manyTitles);
      const own = runs.filter((run) => run.contender === contender);
      const lost = problems.map(
        ({ classes, title }) => own.filter((run) => run.problem === title && diverged(run, classes)).length,
      );
      return [
        contender,
        ...many.map(geometricMean),
        geometricMean(many.flat()),
        geometricMean(logs([alone]).flat()),
        `${lost.reduce((a, b) => a + b, 0)} of ${own.length}`,
      ];
    }),
  };
}

/** Rules in the chart of a problem, beside the experts who retune. */
const drawnRules = 4;

export function updatesChart(problem: Problem, all: readonly Run[]): Chart {
  const runs = all.filter((run) => run.problem === problem.title);
  const settings = distinct(runs, "setting");
  const names = distinct(runs, "contender");
  const drawn = [...names.slice(0, drawnRules), ...names.filter(isRetuned)];
  return {
    kind: "bars",
    title: `${problem.title}: updates to a loss of ${problem.targets[0]}`,
    x: { label: "workers and law of staleness", categories: settings },
    y: { label: "updates" },
    series: drawn.map((name) => ({
      name,
      y: settings.map((setting) => medianUpdates(problem, cellOf(runs, name, setting), 0)),
    })),
  };
}
