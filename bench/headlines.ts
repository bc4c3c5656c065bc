/**
 * The first tables of the README: what the committed results come to for somebody who has a minute.
 *
 * Medians of the rounds, and of PyTorch's variants the one that does best.
 */
import { committedResult, type Result } from "./harness/results.ts";
import { markdownTable } from "./harness/table.ts";

/** What is told of timings: in words, the results file, the comparison in it. */
const timings: readonly (readonly [string, string, string])[] = [
  ["Seconds to 97 % test accuracy, start-up included", "time-to-accuracy", "97 % on MNIST, LeNet"],
  ["Updates per second, two workers", "training", "LeNet, batch 64"],
  ["Gradients per second, one thread", "gradients", "LeNet, batch 64"],
  [
    "Seconds until each of 16 workers has made an update",
    "start-up",
    "LeNet, 16 workers, each has made its first update",
  ],
];

/** Contenders whose accuracy is told, by their names in the results, and how they are called here. */
const contenders: readonly (readonly [string, string])[] = [
  ["yellowfin, closed loop (default)", "yf-async with yellowfin, nothing tuned"],
  ["yellowfin, published loop", "YellowFin's closed loop as published"],
  ["momentum 0.9, 0.01 (default)", "SGD with momentum 0.9, learning rate 0.01"],
  ["adam, 0.001 (default)", "Adam, learning rate 0.001"],
];

/** Both tables in Markdown. @throws {Error} If a result is missing that they need. */
export function headlines(): string {
  return [speeds(), accuracies()].join("\n\n");
}

function speeds(): string {
  const rows = timings.map(([words, name, title]) => {
    const { better, contenders: measured } =
      resultOf(name).comparisons.find((comparison) => comparison.title === title) ?? missing(name, title);
    const [ours] = measured;
    const peers = measured.filter((contender) => contender.name.startsWith("PyTorch"));
    if (peers.length === 0) missing(name, "PyTorch");
    const medians = peers.map(({ median }) => median);
    const theirs = better === "higher" ? Math.max(...medians) : Math.min(...medians);
    return speedRow(words, ours.median, theirs, better === "higher");
  });
  return markdownTable({
    title: "",
    columns: ["LeNet on MNIST, two cores", "yf-async", "PyTorch", ""],
    rows: [...rows, memoryRow()],
  });
}

function memoryRow(): string[] {
  const rows = resultOf("start-up").tables?.[0].rows ?? [];
  const ofEach = (prefix: string) =>
    rows.filter(([name]) => name.startsWith(prefix)).map(([, median]) => Number(median));
  // The first row of ours is the default.
  const [ours] = ofEach("yf-async");
  const theirs = Math.min(...ofEach("PyTorch"));
  return speedRow("MiB of memory for each further worker", ours, theirs, false);
}

function speedRow(words: string, ours: number, theirs: number, moreIsBetter: boolean): string[] {
  const ratio = moreIsBetter ? ours / theirs : theirs / ours;
  return [words, figure(ours), figure(theirs), `${figure(ratio, 2)}×`];
}

function accuracies(): string {
  const [table] = resultOf("convergence").tables ?? [];
  const [, ...columns] = table.columns;
  return markdownTable({
    title: "",
    columns: ["Test accuracy in % after five epochs: median (least … largest) of five seeds", ...columns],
    rows: contenders.map(([name, words]) => {
      const [, ...cells] =
        table.rows.find(([contender]) => contender === name) ?? missing("convergence", name);
      return [words, ...cells];
    }),
  });
}

function resultOf(name: string): Result {
  return committedResult(name) ?? missing(name, "a result");
}

function missing(name: string, what: string): never {
  throw new Error(`Cannot fill the tables: bench/results/${name}.json must exist and have ${what}`);
}

const figure = (value: number, digits = 3): string =>
  value.toLocaleString("en-US", { maximumSignificantDigits: digits });
