/** The scenario `staleness` in one small table: what the rules without anything to tune cost against everybody else. */
import type { FigureTable } from "../../harness/scenario.ts";
import {
  alone,
  auto,
  isRetuned,
  manyTitles,
  once,
  openLoop,
  type Problem,
  published,
  retuned,
  theDefault,
} from "./contenders.ts";
import { cellOf, distinct, geometricMean, logRatios, medianUpdates, type Run } from "./runs.ts";

const contenders = [theDefault, auto];

/** The setting that stands for asynchrony where a contender is compared with itself. */
const random16 = "16 random";

export function inShort(problems: readonly Problem[], runs: readonly Run[]): FigureTable {
  const experts = distinct(runs, "contender").filter(isRetuned);
  const row = (name: string, rivals: readonly string[], settings: readonly string[]) => [
    name,
    ...contenders.map((contender) =>
      geometricMean(problems.flatMap((problem) => logRatios(problem, runs, contender, rivals, settings))),
    ),
  ];
  const many = "with 16 and 32 workers, as a multiple of";
  return {
    title:
      "Updates to the first target, geometric means over all problems and both laws of staleness, a missed target counted as " +
      "the whole run",
    columns: ["", ...contenders],
    rows: [
      row(`${many} the best expert, retuned for each setting`, experts, manyTitles),
      row(`${many} YellowFin's published loop`, [published], manyTitles),
      row(`${many} YellowFin's open loop`, [openLoop], manyTitles),
      row(`${many} Adam tuned for ${alone}`, [once("adam")], manyTitles),
      row(`with ${alone}, as a multiple of the best expert`, experts, [alone]),
      row(`with ${alone}, as a multiple of tuned Adam`, [retuned("adam")], [alone]),
      ...problems.map((problem) => againstItself(problem, runs)),
    ],
  };
}

function againstItself(problem: Problem, all: readonly Run[]): string[] {
  const runs = all.filter((run) => run.problem === problem.title);
  const updates = (contender: string, setting: string) =>
    medianUpdates(problem, cellOf(runs, contender, setting), 0);
  return [
    `16 workers at random, as a multiple of its own updates with ${alone}: ${problem.title}`,
    ...contenders.map((name) => (updates(name, random16) / updates(name, alone)).toFixed(2)),
  ];
}
