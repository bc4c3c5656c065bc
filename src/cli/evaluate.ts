/** `yf-async evaluate DIR`: tests the weights that a run with `--out DIR` saved. */
import { Command } from "commander";
import { resolveOptions } from "../options/resolve-options.ts";
import { percent, significant } from "../report/live-fields.ts";
import { weightSource } from "../task/compile-programs.ts";
import { evaluateTask } from "../task/evaluate-task.ts";
import { prepareTask } from "../task/prepare-task.ts";
import { restoreWeights } from "../tfjs/saved/weights-file.ts";
import { readWeights } from "../tfjs/weights.ts";
import { readRunFolder } from "./run-folder.ts";

interface EvaluateFlags {
  readonly dataDir?: string;
  readonly json?: true;
}

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("Evaluate the weights that a run with --out DIR saved, on the test set of its data")
    .argument("<DIR>", "Folder of the run")
    .option("--data-dir <DIR>", "Folder with the files of the data set")
    .option("--json", "Print the result as one line of JSON")
    .option("--debug", "Show the stack of an error")
    .action(evaluateRun);
}

async function evaluateRun(folder: string, { dataDir, json }: EvaluateFlags): Promise<void> {
  const { tensors, ...options } = readRunFolder(folder);
  const { spec } = resolveOptions({ ...options, ...(dataDir === undefined ? {} : { dataDir }) }, "library");
  const task = await prepareTask({}, spec);
  const source = weightSource(task);
  restoreWeights(source, tensors);
  const { accuracy, loss } = await evaluateTask(task, readWeights(source).flat, spec.target);
  const text = json
    ? JSON.stringify({ testLoss: loss, testAccuracy: accuracy })
    : `Test accuracy  ${accuracy === null ? "none" : percent(accuracy)}\nTest loss      ${significant(loss)}`;
  process.stdout.write(`${text}\n`);
}
