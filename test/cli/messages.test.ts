/** Everything that wrong input says: one sentence on standard error, exit code 2, nothing on standard output. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { scenarios } from "../../bench/scenarios/scenarios.ts";
import { findMnistPackage } from "../../src/data/mnist.ts";
import { trainingTable } from "../../src/options/table.ts";
import { runCli, runInProcess } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-messages-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder with MNIST's files in which one has been changed. */
function mnistWith(name: string, change: (file: string, copy: string) => void): string {
  const copy = join(folder, name);
  cpSync(findMnistPackage(process.cwd()) as string, copy, { recursive: true });
  change(join(copy, "train-labels-idx1-ubyte"), copy);
  return copy;
}

function patch(file: string, at: number, value: number): void {
  const bytes = readFileSync(file);
  bytes[at] = value;
  writeFileSync(file, bytes);
}

const missing = join(folder, "nowhere");
const truncated = mnistWith("truncated", (file) => truncateSync(file, 1000));
const wrongMagic = mnistWith("wrong-magic", (file) => patch(file, 2, 0x77));
const wrongLabel = mnistWith("wrong-label", (file) => patch(file, 8 + 5, 12));
const fewer = mnistWith("fewer", (_, copy) =>
  cpSync(join(copy, "t10k-labels-idx1-ubyte"), join(copy, "train-labels-idx1-ubyte")),
);
const empty = mnistWith("empty", (file) => writeFileSync(file, Buffer.from([0, 0, 8, 1, 0, 0, 0, 0])));

const badLine = join(folder, "bad-line");
mkdirSync(badLine);
writeFileSync(join(badLine, "a6a"), "-1 3:1 11:1\n+1 3:1 11:\n");

const oldRun = join(folder, "old-run");
mkdirSync(oldRun);
writeFileSync(join(oldRun, "summary.json"), '{"model":"lenet","data":"mnist"}\n');
const noSummary = join(folder, "no-summary");
mkdirSync(noSummary);
const badSummary = join(folder, "bad-summary");
mkdirSync(badSummary);
writeFileSync(join(badSummary, "summary.json"), "{");
const badMetrics = join(folder, "bad-metrics");
mkdirSync(badMetrics);
writeFileSync(join(badMetrics, "metrics.jsonl"), "no record\n");
const strangeSummary = join(folder, "strange-summary");
mkdirSync(strangeSummary);
writeFileSync(join(strangeSummary, "metrics.jsonl"), "");
writeFileSync(join(strangeSummary, "summary.json"), '{"updates":"many"}');
const file = join(folder, "a-file");
writeFileSync(file, "");

const oldResult = join(folder, "old-result.json");
writeFileSync(oldResult, '{"version":0}\n');
const badGrid = join(folder, "bad-grid.json");
writeFileSync(badGrid, '{"grid":{"optimizer":["sgdd"]}}');
const goodGrid = join(folder, "good-grid.json");
writeFileSync(goodGrid, '{"grid":{"optimizer":["sgd"]}}');

const optimizers =
  "auto, yellowfin, yellowfin-no-momentum, sgd, momentum, nesterov, adam, adamw, rmsprop, adagrad, adamax, adadelta, dog, schedule-free, schedule-free-sgd";

const savedModel = join(folder, "model.json");
writeFileSync(
  savedModel,
  JSON.stringify({
    modelTopology: { class_name: "Sequential", config: { name: "s", layers: [] } },
    weightsManifest: [{ paths: ["weights.bin"], weights: [] }],
  }),
);
const throwing = join(folder, "throwing.mjs");
writeFileSync(throwing, 'throw new Error("out of luck");');
const table = join(folder, "table.csv");
writeFileSync(table, "age,kind\n31,yes\nold,no\n,no\n");
const gaps = join(folder, "gaps.csv");
writeFileSync(gaps, "age,kind\n31.5,1\nNaN,0\n");
const unparsed = join(folder, "unparsed.mjs");
writeFileSync(unparsed, "export const model = (;");
const strangeLayer = join(folder, "strange-layer.json");
writeFileSync(
  strangeLayer,
  JSON.stringify({
    modelTopology: {
      class_name: "Sequential",
      config: { layers: [{ class_name: "Swirl", config: { name: "first" } }] },
    },
    weightsManifest: [],
  }),
);
const claims = join(folder, "claims.safetensors");
writeFileSync(claims, Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0x7b]));
const typed = join(folder, "model.ts");
writeFileSync(typed, "export const model: number = 1;");
// What a module with types comes to depends on the Node.js that runs the tests.
const stripsTypes = Boolean((process.features as { typescript?: string | false }).typescript);
const typedRule = stripsTypes
  ? "must export model, a LayersModel of this package's copy of TensorFlow.js or a function that returns one"
  : "this Node.js does not strip types (22.18 or later does; else compile it to JavaScript)";

/** Arguments; the whole message. */
const usage: readonly [string, string][] = [
  ["tarin", "unknown command 'tarin' (Did you mean train?)"],
  ["train --wrokers 2", "unknown option '--wrokers' (Did you mean --workers?)"],
  ["train --lr 1", "unknown option '--lr' (Did you mean --learning-rate?)"],
  ["train --batch=4", "unknown option '--batch=4' (Did you mean --batch-size?)"],
  ["train --epoch 4", "unknown option '--epoch' (Did you mean --epochs?)"],
  ["train --gpu", "unknown option '--gpu' (Did you mean --device cuda?)"],
  ["train --optimizer Adam", 'Cannot use --optimizer: did you mean adam? (got "Adam")'],
  ["train --data MNIST", 'Cannot use --data: did you mean mnist? (got "MNIST")'],
  ["train somewhere", "too many arguments for 'train'. Expected 0 arguments but got 1."],
  [
    `train --resume ${missing}`,
    `Cannot use the checkpoint ${missing}: must be there and readable (got "ENOENT: no such file or directory, open '${missing}'")`,
  ],
  [`train --resume ${folder}`, `Cannot use the checkpoint ${folder}: there must be one in the folder`],
  [
    `train --resume ${claims}`,
    `Cannot use the checkpoint ${claims}: the head must be whole (got "9 of 16 bytes")`,
  ],
  [
    `inspect ${table}`,
    `Cannot use the checkpoint ${table}: must begin as a checkpoint does (got "${readFileSync(table, "latin1").slice(0, 6)}")`,
  ],
  ["train --keep some", 'Cannot parse --keep: must be an integer ≥ 0 (got "some")'],
  ["train --workers", "option '--workers <N>' argument missing"],
  ["train --workers 0", 'Cannot parse --workers: must be an integer in [1, 256] (got "0")'],
  ["train --workers two", 'Cannot parse --workers: must be an integer in [1, 256] (got "two")'],
  ["train --workers 2.5", 'Cannot parse --workers: must be an integer in [1, 256] (got "2.5")'],
  [
    "train --model resnet",
    'Cannot parse --model: must be one of lenet, mlp, resnet20, resnet110, char-lstm, logistic, or a file .json, .js, .mjs, .cjs, .ts, .mts (got "resnet")',
  ],
  [
    `train --data ${table}`,
    `Cannot read ${table}: line 4 must have a value in age (--missing mean or drop) (got "")`,
  ],
  [
    `train --data ${claims}`,
    `Cannot read ${claims}: its header must be at most 1 bytes long (got 4294967295)`,
  ],
  [
    `train --data ${missing}/`,
    `Cannot load the data set: its name must be one of mnist, fashion-mnist, cifar10, tinyshakespeare, a6a, or the path of a file or folder (got "${missing}/")`,
  ],
  [
    "train --data cifar10",
    "Cannot load cifar10: its files come from a folder (get the binary version of CIFAR-10 and give --data-dir DIR)",
  ],
  [
    "train --data mnist --label-column 3",
    "Cannot use --label-column: applies only to data in files (--data is mnist)",
  ],
  [
    "train --data a6a --model logistic --augment flip",
    'Cannot augment the data: features must be float32 images [H, W, C] (got "float32 [123]")',
  ],
  [
    `train --model ${savedModel}`,
    `Cannot load the model ${savedModel}: its weight file weights.bin must be readable (got "ENOENT: no such file or directory, open '${folder}/weights.bin'")`,
  ],
  [`train --model ${throwing}`, `Cannot use the module ${throwing}: must not throw (got "out of luck")`],
  [
    `train --model ${unparsed}`,
    `Cannot use the module ${unparsed}: this Node.js must be able to parse it (node ${unparsed} shows where it cannot) (got "Unexpected token ';'")`,
  ],
  [
    `train --model ${strangeLayer}`,
    `Cannot load the model ${strangeLayer}: every layer must be of a class that TensorFlow.js knows (a module can register others) (got "Swirl of layer first")`,
  ],
  [
    `train --data ${gaps}`,
    `Cannot read ${gaps}: line 3 must have a number in age (--missing mean or drop) (got "NaN")`,
  ],
  [
    `train --model ${typed}`,
    `Cannot use the module ${typed}: ${typedRule} (got "${stripsTypes ? "a number" : process.version}")`,
  ],
  [
    "train --loss l2",
    `Cannot parse --loss: must be one of ${trainingTable.loss.kind.words?.join(", ")} (got "l2")`,
  ],
  [
    "train --data imagenet",
    'Cannot parse --data: must be one of mnist, fashion-mnist, cifar10, tinyshakespeare, a6a, or a file .csv, .tsv, .libsvm, .svm, .txt, .gz, .npz, .npy, .safetensors, -ubyte, or a folder, with a / in its path (got "imagenet")',
  ],
  ["train --optimizer sgdd", `Cannot parse --optimizer: must be one of ${optimizers} (got "sgdd")`],
  ["train --loop half", 'Cannot parse --loop: must be one of corrected, feedback, none (got "half")'],
  [
    "train --mode parallel",
    'Cannot parse --mode: must be one of hogwild, locked, serial, sync, round-robin, random-worker, timed (got "parallel")',
  ],
  [
    "train --engine cuda",
    'Cannot parse --engine: must be one of ort, tfjs, tensorflow, reference (got "cuda")',
  ],
  ["train --device gpu", 'Cannot parse --device: must be one of cpu, cuda, webgpu (got "gpu")'],
  [
    "train --engine tfjs --device webgpu",
    "Cannot use --device: webgpu needs the engine ort (--engine is tfjs)",
  ],
  [
    "train --engine tensorflow --device webgpu",
    "Cannot use --device: webgpu needs the engine ort (--engine is tensorflow)",
  ],
  [
    "train --engine tfjs --device cuda",
    "Cannot use --device: cuda needs the engine ort or tensorflow (--engine is tfjs)",
  ],
  ["train --batch-size 0", 'Cannot parse --batch-size: must be an integer in [1, 65536] (got "0")'],
  ["train --epochs -1", 'Cannot parse --epochs: must be a number > 0 (got "-1")'],
  ["train --updates 1e3.5", 'Cannot parse --updates: must be an integer ≥ 1 (got "1e3.5")'],
  ["train --seconds 0", 'Cannot parse --seconds: must be a number > 0 (got "0")'],
  ["train --target-accuracy 98", 'Cannot parse --target-accuracy: must be a number in (0, 1] (got "98")'],
  ["train --momentum 1", 'Cannot parse --momentum: must be a number in [-0.9, 0.999] (got "1")'],
  ["train --back-off maybe", 'Cannot parse --back-off: must be on or off (got "maybe")'],
  ["train --seed -1", 'Cannot parse --seed: must be an integer in [0, 4294967295] (got "-1")'],
  ["train --eval-every never", 'Cannot parse --eval-every: must be a number > 0 (got "never")'],
  [
    "train --learning-rate 0.1",
    "Cannot use --learning-rate: auto tunes the learning rate itself (scale it with --learning-rate-factor)",
  ],
  [
    "train --optimizer sgd --momentum 0.9",
    "Cannot use --momentum: applies only to the optimizers momentum, nesterov and rmsprop (--optimizer is sgd)",
  ],
  [
    "train --optimizer adam --loop open",
    "Cannot use --loop: applies only to the optimizer yellowfin (--optimizer is adam)",
  ],
  ["train --optimizer auto --back-off off", "Cannot use --back-off: auto has its own back-off"],
  [
    "train --staleness-policy half",
    'Cannot parse --staleness-policy: must be one of none, lr-over-tau, gap-aware, delay-compensated, drop, closed-loop (got "half")',
  ],
  [
    "train --optimizer adam --momentum-estimator regression",
    "Cannot use --momentum-estimator: total momentum is not measured for the optimizer adam",
  ],
  ["train --staleness-policy drop", "Cannot use --staleness-policy: requires --max-staleness"],
  ["train --mode serial --workers 2", "Cannot use --workers: mode serial has exactly one worker"],
  ["train --tensorboard", "Cannot use --tensorboard: requires --out"],
  ["train --dashboard here", 'Cannot parse --dashboard: must be an integer in [0, 65535] (got "here")'],
  ["train --force", "Cannot use --force: requires --out"],
  [
    `train --out ${oldRun}`,
    `Cannot write to --out ${oldRun}: must not hold the results of another run (--force overwrites them) (got "summary.json")`,
  ],
  [
    `train --data-dir ${missing}`,
    `Cannot read ${missing}/train-images-idx3-ubyte: the file must be readable (got "ENOENT: no such file or directory, open '${missing}/train-images-idx3-ubyte'")`,
  ],
  [
    `train --data-dir ${truncated}`,
    `Cannot read ${truncated}/train-labels-idx1-ubyte: its header, shape [60000], asks for exactly 60008 bytes (got 1000)`,
  ],
  [
    `train --data-dir ${wrongMagic}`,
    `Cannot read ${wrongMagic}/train-labels-idx1-ubyte: an idx file begins with 00 00, an element type, and dimensions ≥ 1 with their sizes (got "00 00 77 01")`,
  ],
  [
    `train --data-dir ${wrongLabel}`,
    `Cannot use ${wrongLabel}/train-labels-idx1-ubyte: every label must be in [0, 9] (got "12 at index 5")`,
  ],
  [
    `train --data-dir ${fewer}`,
    `Cannot use ${fewer}/train-labels-idx1-ubyte: there must be one label for each of the 60000 images in ${fewer}/train-images-idx3-ubyte (got 10000)`,
  ],
  [
    `train --data-dir ${empty}`,
    `Cannot read ${empty}/train-labels-idx1-ubyte: must hold at least one item (got "shape [0]")`,
  ],
  [
    `train --data a6a --model logistic --data-dir ${badLine}`,
    `Cannot read ${badLine}/a6a: line 2 must hold features as INDEX:VALUE after the label (got "11:")`,
  ],
  [
    "train --data a6a",
    'Cannot build lenet: the data must be examples [28,28,1] of 10 classes (got "[123] of 2 classes")',
  ],
  [
    "bench abacus",
    `Cannot run the benchmark: NAME must be one of ${Object.keys(scenarios).join(", ")} (got "abacus")`,
  ],
  ["bench kernels --seconds 0", 'Cannot parse --seconds: must be a number > 0 (got "0")'],
  ["bench kernels --slow", "unknown option '--slow'"],
  [
    `bench kernels --out ${oldResult}`,
    `Cannot write ${oldResult}: must not hold other results (--force overwrites them)`,
  ],
  [
    `bench kernels --table --out ${oldResult}`,
    `Cannot read ${oldResult}: must be a results file of version 1 (got 0)`,
  ],
  [
    `bench kernels --table --out ${missing}`,
    `Cannot read ${missing}: must be the results file of a benchmark (got "ENOENT: no such file or directory, open '${missing}'")`,
  ],
  ["help evalute", "unknown command 'evalute'"],
  ["setup", "missing command (--help lists them)"],
  ["setup cudda", "unknown command 'cudda' (Did you mean cuda?)"],
  ["grid", "missing required argument 'FILE'"],
  [
    `grid ${missing}`,
    `Cannot read ${missing}: must be a grid in JSON (got "ENOENT: no such file or directory, open '${missing}'")`,
  ],
  [`grid ${badGrid}`, `Cannot use optimizer of ${badGrid}: must be one of ${optimizers} (got "sgdd")`],
  [`grid ${goodGrid} --cores 0`, 'Cannot parse --cores: must be an integer in [1, 1024] (got "0")'],
  [
    `grid ${goodGrid} --out ${oldResult}`,
    `Cannot write ${oldResult}: must not hold other results (--force overwrites them)`,
  ],
  ["evaluate", "missing required argument 'DIR'"],
  ["export", "missing required argument 'DIR'"],
  [
    `export ${badMetrics}`,
    `Cannot read ${badMetrics}/metrics.jsonl: line 1 must be a record of a run (got "no record")`,
  ],
  ["report", "missing required argument 'DIR'"],
  [
    `report ${noSummary}`,
    `Cannot read ${noSummary}/metrics.jsonl: must be the metrics of a run (got "ENOENT: no such file or directory, open '${noSummary}/metrics.jsonl'")`,
  ],
  [
    `report ${badMetrics}`,
    `Cannot read ${badMetrics}/metrics.jsonl: line 1 must be a record of a run (got "no record")`,
  ],
  [
    `report ${strangeSummary}`,
    `Cannot read ${strangeSummary}/summary.json: its updates must be as a run writes it (got "many")`,
  ],
  [
    `evaluate ${noSummary}`,
    `Cannot read ${noSummary}/summary.json: must be the summary of a run (got "ENOENT: no such file or directory, open '${noSummary}/summary.json'")`,
  ],
  [
    `evaluate ${oldRun}`,
    `Cannot read ${oldRun}/weights.safetensors: the file must be readable (got "ENOENT: no such file or directory, open '${oldRun}/weights.safetensors'")`,
  ],
];

test("help shows what --help does, of all commands or of one", async () => {
  for (const command of [[], ["inspect"]]) {
    const asked = await runInProcess(["help", ...command]);
    expect(asked).toMatchObject({ code: 0, stderr: "" });
    expect(asked.stdout).toContain(`Usage: ${["yf-async", ...command].join(" ")} [options]`);
    expect(asked).toEqual(await runInProcess([...command, "--help"]));
  }
});

describe("wrong input", () => {
  test.each(usage)("yf-async %s", async (args, message) => {
    // The runner of these tests has its own way of loading modules.
    const run = /\.m?[jt]s( |$)/.test(args) ? runCli : runInProcess;
    expect(await run(args.split(" "))).toEqual({ code: 2, stdout: "", stderr: `${message}\n` });
  });

  test("has the same end in a process of its own", async () => {
    const [args, message] = usage[0];
    expect(await runCli(args.split(" "))).toEqual({ code: 2, stdout: "", stderr: `${message}\n` });
  });

  test("a damaged summary is named with the parser's reason", async () => {
    const { code, stderr } = await runInProcess(["evaluate", badSummary]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^Cannot read .*bad-summary\/summary\.json: must be the summary of a run \(got ".*JSON.*"\)\n$/,
    );
  });

  test("a folder that cannot be made is a failure of the run, exit code 1", async () => {
    const { code, stderr } = await runCli(["train", "--quiet", "--out", join(file, "run")]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Cannot write .*a-file\/run: its folder must exist and take data \(got ".*ENOTDIR.*"\)\n$/,
    );
  });

  test("--debug shows where an error comes from", async () => {
    const { code, stderr } = await runInProcess(["train", "--workers", "0", "--debug"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/\n {4}at /);
  });

  test("what an earlier run wrote is left as it is", () => {
    expect(readFileSync(join(oldRun, "summary.json"), "utf8")).toBe('{"model":"lenet","data":"mnist"}\n');
  });
});
