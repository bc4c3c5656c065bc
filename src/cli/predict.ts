/** `yf-async predict DIR FILE`: what the model of a run with `--out DIR` answers to other data of the same form. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { readAlike } from "../data/read-alike.ts";
import { cannot, YfError } from "../errors.ts";
import { resolveOptions } from "../options/resolve-options.ts";
import { writeFileAtomically } from "../report/write-file-atomically.ts";
import { answersOf } from "../task/answers.ts";
import { predictTask } from "../task/predict-task.ts";
import { outputNames } from "../tfjs/column-names.ts";
import { loadModel } from "../tfjs/saved/load-model.ts";
import { csvLines, jsonLines, type NamedAnswering } from "./prediction-lines.ts";
import { files, readRunForm } from "./run-folder.ts";

interface PredictFlags {
  readonly force?: true;
  readonly json?: true;
  readonly out?: string;
}

export function predictCommand(): Command {
  return new Command("predict")
    .description(
      "Predict with the model of a run with --out DIR, from data of the form that it was trained on",
    )
    .argument("<DIR>", "Folder of the run")
    .argument(
      "<FILE>",
      "Table, LIBSVM file, file of arrays, image or folder of images; labels are not needed",
    )
    .option("--json", "Write one JSON object a line instead of CSV")
    .option("--out <FILE>", "The file to write (default: standard output)")
    .option("--force", "Overwrite the file")
    .option("--debug", "Show the stack of an error")
    .action(predict);
}

async function predict(folder: string, file: string, { force, json, out }: PredictFlags): Promise<void> {
  if (out !== undefined && force !== true && existsSync(out)) {
    const rule = "the file must not exist yet (--force overwrites it)";
    throw new YfError("OUTPUT_EXISTS", cannot("write the predictions", rule, out), { file: out });
  }
  const { alike, description, engine, loss } = readRunForm(folder);
  const { target } = resolveOptions({ engine }, "library").spec;
  const modelFile = join(folder, files.model);
  if (!existsSync(modelFile)) {
    const rule = `must hold the model of the run in ${files.model}, which a model that is a function has not`;
    throw new YfError("BAD_MODEL", cannot(`predict with ${folder}`, rule), { file: modelFile });
  }
  const model = await loadModel(modelFile);
  const {
    dataset,
    files: sources,
    notes,
  } = await readAlike(file, description, { ...alike, hasLabels: false });
  for (const note of notes) process.stderr.write(`${note}\n`);
  if (loss === undefined) {
    process.stderr.write("The loss of the run is a function, so outputs are written as they are.\n");
  }
  const names = outputNames(model);
  let outputs: readonly NamedAnswering[] | null = null;
  const parts: string[] = [];
  const write = (text: string) => {
    if (out === undefined) process.stdout.write(text);
    else parts.push(text);
  };
  let lines = jsonLines([]);
  for await (const { count, first, outputs: values } of predictTask(model, dataset, target)) {
    if (outputs === null) {
      outputs = values.map((value, i) => ({
        ...answersOf(description.targets[i], loss ?? null, value.length / count),
        name: values.length === 1 ? null : (names[i] ?? `${i}`),
      }));
      lines = json ? jsonLines(outputs) : csvLines(outputs, sources !== null);
      write(lines.heading);
    }
    const readers = outputs;
    const texts = Array.from({ length: count }, (_, row) =>
      lines.line(
        sources?.[first + row] ?? null,
        readers.map(({ answer, width }, i) => answer(values[i].subarray(row * width, (row + 1) * width))),
      ),
    );
    write(texts.join(""));
  }
  if (out !== undefined) writeFileAtomically(out, parts.join(""));
}
