/** `yf-async evaluate DIR`: tests the model that a run with `--out DIR` left, on its own test set or on other data. */
import { Command } from "commander";
import { readAlike } from "../data/read-alike.ts";
import { resolveOptions } from "../options/resolve-options.ts";
import { percent, significant } from "../report/live-fields.ts";
import { weightSource } from "../task/compile-programs.ts";
import { evaluateTask } from "../task/evaluate-task.ts";
import { type Given, prepareTask } from "../task/prepare-task.ts";
import { loadModel } from "../tfjs/saved/load-model.ts";
import { restoreWeights } from "../tfjs/saved/weights-file.ts";
import { readWeights } from "../tfjs/weights.ts";
import { optionsOfFile } from "./options-of-file.ts";
import { type FinishedRun, readRunFolder, readRunForm } from "./run-folder.ts";

interface EvaluateFlags {
  readonly data?: string;
  readonly dataDir?: string;
  readonly json?: true;
  readonly model?: string;
}

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("Evaluate the model of a run with --out DIR, on the test set of its data or on other data")
    .argument("<DIR>", "Folder of the run")
    .option("--data <FILE>", "Other data of the same form, with labels")
    .option("--data-dir <DIR>", "Folder with the files of the data set")
    .option("--model <FILE>", "The module of its model, which is code and runs only if it is named here")
    .option("--json", "Print the result as one line of JSON")
    .option("--debug", "Show the stack of an error")
    .action(evaluateRun);
}

async function evaluateRun(folder: string, { data, dataDir, json, model }: EvaluateFlags): Promise<void> {
  const run = readRunFolder(folder);
  const { spec } = resolveOptions(
    {
      ...run.options,
      engine: run.engine,
      loss: run.loss,
      ...(dataDir === undefined ? {} : { dataDir }),
      ...(model === undefined ? {} : { model }),
    },
    "library",
  );
  const given = {
    ...(await modelOf(run, model)),
    ...(data === undefined ? {} : await otherData(folder, data)),
  };
  const task = await prepareTask(given, spec);
  const source = weightSource(task);
  restoreWeights(source, run.tensors);
  const { accuracy, loss } = await evaluateTask(task, readWeights(source).flat, spec.target);
  const text = json
    ? JSON.stringify({ testLoss: loss, testAccuracy: accuracy })
    : `Test accuracy  ${accuracy === null ? "none" : percent(accuracy)}\nTest loss      ${significant(loss)}`;
  process.stdout.write(`${text}\n`);
}

/** The saved model, which is data, unless a module is named, or is needed for its model or its loss. */
async function modelOf(
  { file, loss, modelFile, options }: FinishedRun,
  named: string | undefined,
): Promise<Given> {
  if (named !== undefined) return {};
  if (modelFile !== null && loss !== undefined) return { model: await loadModel(modelFile) };
  optionsOfFile(file, options, {});
  return {};
}

async function otherData(folder: string, data: string): Promise<Given> {
  const { alike, description } = readRunForm(folder);
  const { dataset, notes } = await readAlike(data, description, { ...alike, hasLabels: true });
  for (const note of notes) process.stderr.write(`${note}\n`);
  return { split: { train: dataset, test: dataset } };
}
