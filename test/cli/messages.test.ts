/** Everything that wrong input says: one sentence on standard error, exit code 2, nothing on standard output. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { scenarios } from "../../bench/scenarios/scenarios.ts";
import { findMnistPackage } from "../../src/data/mnist.ts";
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
  "yellowfin, yellowfin-no-momentum, sgd, momentum, nesterov, adam, adamw, dog, schedule-free, schedule-free-sgd, auto";

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
  ? "it must export model, a LayersModel of this package's copy of TensorFlow.js or a function that returns one"
  : "this Node.js does not strip types (22.18 or later does; else compile it to JavaScript)";

/** Arguments; the whole message. */
const usage: readonly [string, string][] = [
  ["tarin", "unknown command 'tarin' (Did you mean train?)"],
  ["train --wrokers 2", "unknown option '--wrokers' (Did you mean --workers?)"],
  ["train somewhere", "too many arguments for 'train'. Expected 0 arguments but got 1."],
  [
    `train --resume ${missing}`,
    `Cannot use the checkpoint ${missing} as it must be there and readable: received "ENOENT: no such file or directory, open '${missing}'"`,
  ],
  [
    `train --resume ${folder}`,
    `Cannot use the checkpoint ${folder} as there must be one in the folder: received "none"`,
  ],
  [
    `train --resume ${claims}`,
    `Cannot use the checkpoint ${claims} as the head must be whole: received "9 of 16 bytes"`,
  ],
  [
    `inspect ${table}`,
    `Cannot use the checkpoint ${table} as it must begin as a checkpoint does: received "${readFileSync(table, "latin1").slice(0, 6)}"`,
  ],
  ["train --keep some", 'Cannot parse --keep as it must be an integer ≥ 0: received "some"'],
  ["train --workers", "option '--workers <N>' argument missing"],
  ["train --workers 0", 'Cannot parse --workers as it must be an integer in [1, 256]: received "0"'],
  ["train --workers two", 'Cannot parse --workers as it must be an integer in [1, 256]: received "two"'],
  ["train --workers 2.5", 'Cannot parse --workers as it must be an integer in [1, 256]: received "2.5"'],
  [
    "train --model resnet",
    'Cannot parse --model as it must be one of lenet, mlp, resnet20, resnet110, char-lstm, logistic, or a file .json, .js, .mjs, .cjs, .ts, .mts: received "resnet"',
  ],
  [`train --data ${table}`, `Cannot read ${table} as line 4 must have a value in age: received ""`],
  [
    `train --data ${claims}`,
    `Cannot read ${claims} as its header must be at most 1 bytes long: received 4294967295`,
  ],
  [
    `train --data ${missing}/`,
    `Cannot load the data set as its name must be one of mnist, fashion-mnist, cifar10, tinyshakespeare, a6a, or the path of a file or folder: received "${missing}/"`,
  ],
  [
    "train --data cifar10",
    'Cannot load cifar10 as its files come from a folder (get the binary version of CIFAR-10 and give --data-dir DIR): received "neither"',
  ],
  [
    "train --data mnist --label-column 3",
    'Cannot use --label-column as only data in files takes it and --data is mnist: received "3"',
  ],
  [
    "train --data a6a --model logistic --augment flip",
    'Cannot augment the data as it changes images, float32 features [H, W, C]: received "float32 [123]"',
  ],
  [
    `train --model ${savedModel}`,
    `Cannot load the model ${savedModel} as its weight file weights.bin must be readable: received "ENOENT: no such file or directory, open '${folder}/weights.bin'"`,
  ],
  [
    `train --model ${throwing}`,
    `Cannot use the module ${throwing} as it must not throw: received "out of luck"`,
  ],
  [
    `train --model ${unparsed}`,
    `Cannot use the module ${unparsed} as this Node.js must be able to parse it (node ${unparsed} shows where it cannot): received "Unexpected token ';'"`,
  ],
  [
    `train --model ${strangeLayer}`,
    `Cannot load the model ${strangeLayer} as every layer must be of a class that TensorFlow.js knows (a module can register others): received "Swirl of layer first"`,
  ],
  [
    `train --data ${gaps}`,
    `Cannot read ${gaps} as line 3 must have a number in age, like other lines: received "NaN"`,
  ],
  [
    `train --model ${typed}`,
    `Cannot use the module ${typed} as ${typedRule}: received "${stripsTypes ? "a number" : process.version}"`,
  ],
  [
    "train --loss mse",
    'Cannot parse --loss as it must be one of sparseSoftmaxCrossEntropy, softmaxCrossEntropy, sigmoidCrossEntropy, meanSquaredError, absoluteDifference, hinge: received "mse"',
  ],
  [
    "train --data imagenet",
    'Cannot parse --data as it must be one of mnist, fashion-mnist, cifar10, tinyshakespeare, a6a, or a file .csv, .tsv, .libsvm, .svm, .txt, .gz, .npz, .npy, .safetensors, -ubyte, or a folder, with a / in its path: received "imagenet"',
  ],
  ["train --optimizer sgdd", `Cannot parse --optimizer as it must be one of ${optimizers}: received "sgdd"`],
  ["train --loop half", 'Cannot parse --loop as it must be one of closed, published, open: received "half"'],
  [
    "train --mode parallel",
    'Cannot parse --mode as it must be one of hogwild, locked, serial, sync, round-robin, random-worker, timed: received "parallel"',
  ],
  [
    "train --engine cuda",
    'Cannot parse --engine as it must be one of ort, tfjs, tensorflow, reference: received "cuda"',
  ],
  ["train --device gpu", 'Cannot parse --device as it must be one of cpu, cuda, webgpu: received "gpu"'],
  [
    "train --engine tfjs --device webgpu",
    'Cannot use --device as only the engine ort has it and --engine is tfjs: received "webgpu"',
  ],
  [
    "train --engine tensorflow --device webgpu",
    'Cannot use --device as only the engine ort has it and --engine is tensorflow: received "webgpu"',
  ],
  [
    "train --engine tfjs --device cuda",
    'Cannot use --device as only the engines ort and tensorflow have it and --engine is tfjs: received "cuda"',
  ],
  ["train --batch-size 0", 'Cannot parse --batch-size as it must be an integer in [1, 65536]: received "0"'],
  ["train --epochs -1", 'Cannot parse --epochs as it must be a number > 0: received "-1"'],
  ["train --updates 1e3.5", 'Cannot parse --updates as it must be an integer ≥ 1: received "1e3.5"'],
  ["train --seconds 0", 'Cannot parse --seconds as it must be a number > 0: received "0"'],
  [
    "train --target-accuracy 98",
    'Cannot parse --target-accuracy as it must be a number in (0, 1]: received "98"',
  ],
  ["train --momentum 1", 'Cannot parse --momentum as it must be a number in [-0.9, 0.999]: received "1"'],
  ["train --back-off maybe", 'Cannot parse --back-off as it must be on or off: received "maybe"'],
  ["train --seed -1", 'Cannot parse --seed as it must be an integer in [0, 4294967295]: received "-1"'],
  ["train --eval-every never", 'Cannot parse --eval-every as it must be a number > 0: received "never"'],
  [
    "train --learning-rate 0.1",
    "Cannot use --learning-rate as yellowfin sets it by itself (scale it with --learning-rate-factor): received 0.1",
  ],
  [
    "train --optimizer sgd --momentum 0.9",
    "Cannot use --momentum as only the optimizers momentum and nesterov take it and --optimizer is sgd: received 0.9",
  ],
  [
    "train --optimizer adam --loop open",
    'Cannot use --loop as only the optimizer yellowfin has a loop and --optimizer is adam: received "open"',
  ],
  [
    "train --optimizer auto --back-off off",
    "Cannot use --back-off as auto has a back-off of its own: received false",
  ],
  [
    "train --staleness-policy half",
    'Cannot parse --staleness-policy as it must be one of none, lr-over-tau, gap-aware, delay-compensated, drop, closed-loop: received "half"',
  ],
  [
    "train --optimizer adam --momentum-estimator regression",
    'Cannot use --momentum-estimator as no momentum is measured of the optimizer adam: received "regression"',
  ],
  [
    "train --staleness-policy drop",
    'Cannot use --staleness-policy as nothing is too stale without --max-staleness: received "drop"',
  ],
  ["train --mode serial --workers 2", "Cannot use --workers as serial mode has one worker: received 2"],
  [
    "train --tensorboard",
    "Cannot use --tensorboard as there is nowhere to write without --out: received true",
  ],
  [
    "train --dashboard here",
    'Cannot parse --dashboard as it must be an integer in [0, 65535]: received "here"',
  ],
  ["train --force", "Cannot use --force as there is nothing to overwrite without --out: received true"],
  [
    `train --out ${oldRun}`,
    `Cannot write to --out ${oldRun} as it must not hold the results of another run (--force overwrites them): received "summary.json"`,
  ],
  [
    `train --data-dir ${missing}`,
    `Cannot read ${missing}/train-images-idx3-ubyte as the file must be readable: received "ENOENT: no such file or directory, open '${missing}/train-images-idx3-ubyte'"`,
  ],
  [
    `train --data-dir ${truncated}`,
    `Cannot read ${truncated}/train-labels-idx1-ubyte as its header, shape [60000], asks for exactly 60008 bytes: received 1000`,
  ],
  [
    `train --data-dir ${wrongMagic}`,
    `Cannot read ${wrongMagic}/train-labels-idx1-ubyte as an idx file begins with 00 00, an element type, and dimensions ≥ 1 with their sizes: received "00 00 77 01"`,
  ],
  [
    `train --data-dir ${wrongLabel}`,
    `Cannot use ${wrongLabel}/train-labels-idx1-ubyte as every label must be in [0, 9]: received "12 at index 5"`,
  ],
  [
    `train --data-dir ${fewer}`,
    `Cannot use ${fewer}/train-labels-idx1-ubyte as there must be one label for each of the 60000 images in ${fewer}/train-images-idx3-ubyte: received 10000`,
  ],
  [
    `train --data-dir ${empty}`,
    `Cannot read ${empty}/train-labels-idx1-ubyte as it must hold at least one item: received "shape [0]"`,
  ],
  [
    `train --data a6a --model logistic --data-dir ${badLine}`,
    `Cannot read ${badLine}/a6a as line 2 must hold features as INDEX:VALUE after the label: received "11:"`,
  ],
  [
    "train --data a6a",
    'Cannot build lenet as it is made for examples [28,28,1] of 10 classes: received "[123] of 2 classes"',
  ],
  [
    "bench abacus",
    `Cannot run the benchmark as NAME must be one of ${Object.keys(scenarios).join(", ")}: received "abacus"`,
  ],
  ["bench kernels --seconds 0", 'Cannot parse --seconds as it must be a number > 0: received "0"'],
  ["bench kernels --slow", "unknown option '--slow'"],
  [
    `bench kernels --out ${oldResult}`,
    `Cannot write ${oldResult} as it must not hold other results (--force overwrites them): received "a file"`,
  ],
  [
    `bench kernels --table --out ${oldResult}`,
    `Cannot read ${oldResult} as it must be a results file of version 1: received 0`,
  ],
  [
    `bench kernels --table --out ${missing}`,
    `Cannot read ${missing} as it must be the results file of a benchmark: received "ENOENT: no such file or directory, open '${missing}'"`,
  ],
  ["help evalute", "unknown command 'evalute'"],
  ["setup", "missing command (--help lists them)"],
  ["setup cudda", "unknown command 'cudda' (Did you mean cuda?)"],
  ["grid", "missing required argument 'FILE'"],
  [
    `grid ${missing}`,
    `Cannot read ${missing} as it must be a grid in JSON: received "ENOENT: no such file or directory, open '${missing}'"`,
  ],
  [
    `grid ${badGrid}`,
    `Cannot use optimizer of ${badGrid} as it must be one of ${optimizers}: received "sgdd"`,
  ],
  [`grid ${goodGrid} --cores 0`, 'Cannot parse --cores as it must be an integer in [1, 1024]: received "0"'],
  [
    `grid ${goodGrid} --out ${oldResult}`,
    `Cannot write ${oldResult} as it must not hold other results (--force overwrites them): received "a file"`,
  ],
  ["evaluate", "missing required argument 'DIR'"],
  ["export", "missing required argument 'DIR'"],
  [
    `export ${badMetrics}`,
    `Cannot read ${badMetrics}/metrics.jsonl as line 1 must be a record of a run: received "no record"`,
  ],
  ["report", "missing required argument 'DIR'"],
  [
    `report ${noSummary}`,
    `Cannot read ${noSummary}/metrics.jsonl as it must be the metrics of a run: received "ENOENT: no such file or directory, open '${noSummary}/metrics.jsonl'"`,
  ],
  [
    `report ${badMetrics}`,
    `Cannot read ${badMetrics}/metrics.jsonl as line 1 must be a record of a run: received "no record"`,
  ],
  [
    `report ${strangeSummary}`,
    `Cannot read ${strangeSummary}/summary.json as its updates must be as a run writes it: received "many"`,
  ],
  [
    `evaluate ${noSummary}`,
    `Cannot read ${noSummary}/summary.json as it must be the summary of a run: received "ENOENT: no such file or directory, open '${noSummary}/summary.json'"`,
  ],
  [
    `evaluate ${oldRun}`,
    `Cannot read ${oldRun}/weights.safetensors as the file must be readable: received "ENOENT: no such file or directory, open '${oldRun}/weights.safetensors'"`,
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
      /^Cannot read .*bad-summary\/summary\.json as it must be the summary of a run: received ".*JSON.*"\n$/,
    );
  });

  test("a folder that cannot be made is a failure of the run, exit code 1", async () => {
    const { code, stderr } = await runCli(["train", "--quiet", "--out", join(file, "run")]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Cannot write .*a-file\/run as its folder must exist and take data: received ".*ENOTDIR.*"\n$/,
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
