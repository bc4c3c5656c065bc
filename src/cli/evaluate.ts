/** `yf-async evaluate DIR`: tests the weights that a run with `--out DIR` saved. */
import { Command } from "commander";
import { evaluateTask } from "../coordinator/evaluate-task.ts";
import { prepareTask } from "../coordinator/prepare-task.ts";
import { validateOptions } from "../options/parse.ts";
import { percent, significant } from "../report/live-fields.ts";
import type { layers } from "../tfjs/tf.ts";
import { flattenTensors, readRunFolder } from "./run-folder.ts";

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
  const { data, model, tensors } = readRunFolder(folder);
  const settings = validateOptions({ data, model, dataDir }, "library");
  const task = prepareTask({}, settings);
  // A task that was prepared from names has a built-in model, which is a LayersModel.
  const parameters = flattenTensors(task.model as layers.LayersModel, tensors);
  const { accuracy, loss } = await evaluateTask(task, parameters, settings.engine);
  const text = json
    ? JSON.stringify({ testLoss: loss, testAccuracy: accuracy })
    : `Test accuracy  ${accuracy === null ? "none" : percent(accuracy)}\nTest loss      ${significant(loss)}`;
  process.stdout.write(`${text}\n`);
}
