import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { YfError } from "../../src/errors.ts";
import type { OptionSource } from "../../src/options/conflicts.ts";
import { commandLineOptions, optionsMarkdown } from "../../src/options/describe.ts";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import { valuesOf } from "../../src/options/run-spec.ts";
import { optionGroups, optionRows } from "../../src/options/table.ts";

const optimizers =
  "yellowfin, yellowfin-no-momentum, sgd, momentum, nesterov, adam, adamw, dog, schedule-free, schedule-free-sgd, auto";

/** All values that options resolve to, by name. */
function allOf(raw: Readonly<Record<string, unknown>>, source: OptionSource): Record<string, unknown> {
  const { spec, terminal } = resolveOptions(raw, source);
  const { order, ...values } = valuesOf(spec);
  expect(order).toBeNull();
  return { ...values, ...terminal };
}

/** What options see of the machine. */
const onCores = (cores: number) => vi.stubEnv("YF_ASYNC_CORES", `${cores}`);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("resolveOptions()", () => {
  it.each([
    [1, 1, "none"],
    [7, 7, "none"],
    // From eight workers on minibatches are of many sizes; no run has more than 256 workers by default.
    [8, 8, "exponential"],
    [64, 64, "exponential"],
    [1024, 256, "exponential"],
  ] as const)(
    "takes a worker a core: %i cores, %i workers, minibatches %s",
    (cores, workers, batchJitter) => {
      onCores(cores);
      expect(allOf({}, "library")).toMatchObject({ workers, simulateWorkers: workers, batchJitter });
      expect(allOf({ mode: "serial" }, "library").workers).toBe(1);
      expect(allOf({ mode: "sync" }, "library")).toMatchObject({ workers, batchJitter: "none" });
      expect(allOf({ mode: "sync", simulateWorkers: 2 }, "library").workers).toBe(Math.min(2, cores));
    },
  );

  it("fills in every default", () => {
    onCores(2);
    const expected = {
      data: "mnist",
      dataDir: null,
      testData: null,
      testShare: null,
      labelColumn: null,
      ignoreColumns: null,
      header: null,
      separator: null,
      decimal: null,
      missing: null,
      featuresArray: null,
      labelsArray: null,
      sequenceLength: 50,
      imageSize: null,
      augment: [],
      model: "lenet",
      loss: null,
      workers: 2,
      optimizer: "yellowfin",
      loop: "closed",
      mode: "hogwild",
      simulateWorkers: 2,
      stepTime: "constant",
      speeds: [1],
      delay: [],
      maxStaleness: null,
      onStale: "drop",
      maxFaults: 10,
      maxRollbacks: 3,
      stallAfterSeconds: 60,
      engine: "ort",
      device: "cpu",
      batchSize: 64,
      batchJitter: "none",
      record: false,
      epochs: 5,
      maxUpdates: null,
      maxSeconds: null,
      targetAccuracy: null,
      patience: null,
      keepBest: false,
      schedule: "constant",
      decay: null,
      decayEvery: null,
      learningRate: null,
      momentum: null,
      weightDecay: null,
      clipNorm: null,
      clipValue: null,
      momentumEstimator: "median",
      stalenessPolicy: "none",
      learningRateFactor: 1,
      backOff: true,
      averaging: true,
      seed: 1,
      evalEverySeconds: null,
      checkpointDir: null,
      checkpointEverySeconds: 60,
      keepCheckpoints: 3,
      resume: null,
      out: null,
      force: false,
      supervise: false,
      tensorboard: false,
      onnxPreprocessing: false,
      dashboard: null,
      json: false,
      quiet: false,
      debug: false,
    };
    expect(allOf({}, "cli")).toEqual(expected);
    expect(allOf({}, "library")).toEqual(expected);
  });

  it("parses every flag", () => {
    const texts = {
      data: "some/images/",
      dataDir: "some/where",
      testData: "others",
      labelColumn: "3",
      ignoreColumns: "id,2",
      header: "yes",
      separator: "pipe",
      decimal: "comma",
      missing: "drop",
      featuresArray: "X",
      labelsArray: "y",
      sequenceLength: "7",
      imageSize: "64x48",
      augment: "flip,crop",
      model: "mlp",
      loss: "hinge",
      workers: "256",
      optimizer: "momentum",
      mode: "hogwild",
      delay: "3=2.5;255=10,exponential",
      maxStaleness: "20",
      onStale: "wait",
      maxFaults: "3",
      maxRollbacks: "0",
      stallAfter: "2.5",
      engine: "ort",
      device: "webgpu",
      batchSize: "65536",
      epochs: "0.5",
      updates: "1000",
      seconds: "1e2",
      targetAccuracy: "1",
      patience: "3",
      schedule: "step",
      decay: "0.2",
      decayEvery: "1.5",
      momentumEstimator: "regression",
      stalenessPolicy: "lr-over-tau",
      learningRate: ".5",
      momentum: "-0.9",
      learningRateFactor: "2",
      clipNorm: "2.5",
      backOff: "on",
      seed: "4294967295",
      evalEvery: "2.5",
      record: true,
      checkpointDir: "elsewhere",
      checkpointEvery: "0.5",
      keep: "2",
      out: "runs/1",
      force: true,
      supervise: true,
      tensorboard: true,
      onnxPreprocessing: true,
      dashboard: "0",
      json: true,
      quiet: true,
      debug: true,
    };
    expect(allOf(texts, "cli")).toEqual({
      data: "some/images/",
      dataDir: "some/where",
      testData: "others",
      testShare: null,
      labelColumn: "3",
      ignoreColumns: ["id", "2"],
      header: "yes",
      separator: "pipe",
      decimal: "comma",
      missing: "drop",
      featuresArray: "X",
      labelsArray: "y",
      sequenceLength: 7,
      imageSize: { width: 64, height: 48 },
      augment: ["flip", "crop"],
      model: "mlp",
      loss: "hinge",
      workers: 256,
      optimizer: "momentum",
      loop: "closed",
      mode: "hogwild",
      simulateWorkers: 256,
      stepTime: "constant",
      speeds: [1],
      delay: [
        { rank: 3, ms: 2.5, law: "constant" },
        { rank: 255, ms: 10, law: "exponential" },
      ],
      maxStaleness: 20,
      onStale: "wait",
      maxFaults: 3,
      maxRollbacks: 0,
      stallAfterSeconds: 2.5,
      engine: "ort",
      device: "webgpu",
      batchSize: 65_536,
      epochs: 0.5,
      maxUpdates: 1000,
      maxSeconds: 100,
      targetAccuracy: 1,
      patience: 3,
      keepBest: true,
      schedule: "step",
      decay: 0.2,
      decayEvery: 1.5,
      momentumEstimator: "regression",
      stalenessPolicy: "lr-over-tau",
      weightDecay: null,
      learningRate: 0.5,
      momentum: -0.9,
      clipNorm: 2.5,
      clipValue: null,
      learningRateFactor: 2,
      batchJitter: "exponential",
      averaging: true,
      backOff: true,
      seed: 4_294_967_295,
      evalEverySeconds: 2.5,
      record: true,
      checkpointDir: "elsewhere",
      checkpointEverySeconds: 0.5,
      keepCheckpoints: 2,
      resume: null,
      out: "runs/1",
      force: true,
      supervise: true,
      tensorboard: true,
      onnxPreprocessing: true,
      dashboard: 0,
      json: true,
      quiet: true,
      debug: true,
    });
  });

  it("takes the dashboard's own port where the flag stands alone", () => {
    expect(allOf({ dashboard: true }, "cli").dashboard).toBe(4600);
  });

  it("simulates with --mode timed what else it leaves to the threads", () => {
    const raw = {
      mode: "timed",
      simulateWorkers: "12",
      workers: "2",
      speeds: "1,.5",
      stepTime: "exponential",
    };
    expect(allOf(raw, "cli")).toMatchObject({
      workers: 2,
      simulateWorkers: 12,
      speeds: [1, 0.5],
      stepTime: "exponential",
      batchJitter: "exponential",
    });
    // No worker overtakes another where turns are fixed: sizes would change nothing.
    const turns = { mode: "round-robin", simulateWorkers: "12", workers: "2" };
    expect(allOf(turns, "cli")).toMatchObject({ batchJitter: "none", simulateWorkers: 12 });
  });

  it("takes values under their own names from the library", () => {
    const values = {
      maxUpdates: 10,
      maxSeconds: 1.5,
      evalEverySeconds: 3,
      backOff: false,
      batchSize: 2,
      seed: undefined,
    };
    expect(allOf(values, "library")).toMatchObject({ ...values, seed: 1, epochs: null });
  });

  it.each([
    [{ updates: "10" }, null],
    [{ seconds: "10" }, null],
    [{ updates: "10", epochs: "2" }, 2],
    [{ targetAccuracy: "0.9" }, 5],
  ])("limits %o to %s epochs", (raw, epochs) => {
    expect(allOf(raw, "cli").epochs).toBe(epochs);
  });

  it.each([
    [{}, true],
    [{ loop: "published" }, false],
    [{ loop: "open" }, false],
    [{ loop: "open", backOff: "on" }, true],
    [{ optimizer: "adam" }, false],
    [{ optimizer: "yellowfin-no-momentum" }, false],
    [{ backOff: "off" }, false],
  ])("sets the back-off for %o to %s", (raw, backOff) => {
    expect(allOf(raw, "cli").backOff).toBe(backOff);
  });

  it("has one worker in serial mode", () => {
    expect(allOf({ mode: "serial" }, "cli").workers).toBe(1);
    expect(allOf({ mode: "serial", workers: "1" }, "cli").workers).toBe(1);
  });

  it.each([
    [{ workers: "0" }, 'Cannot parse --workers as it must be an integer in [1, 256]: received "0"'],
    [{ workers: "257" }, 'Cannot parse --workers as it must be an integer in [1, 256]: received "257"'],
    [{ workers: "2.5" }, 'Cannot parse --workers as it must be an integer in [1, 256]: received "2.5"'],
    [{ workers: "" }, 'Cannot parse --workers as it must be an integer in [1, 256]: received ""'],
    [{ workers: "0x10" }, 'Cannot parse --workers as it must be an integer in [1, 256]: received "0x10"'],
    [{ workers: "many" }, 'Cannot parse --workers as it must be an integer in [1, 256]: received "many"'],
    [
      { data: "cifar" },
      'Cannot parse --data as it must be one of mnist, fashion-mnist, cifar10, tinyshakespeare, a6a, or a file .csv, .tsv, .libsvm, .svm, .txt, .gz, .npz, .npy, .safetensors, -ubyte, or a folder, with a / in its path: received "cifar"',
    ],
    [{ dataDir: "" }, 'Cannot parse --data-dir as it must be a path: received ""'],
    [
      { model: "resnet" },
      'Cannot parse --model as it must be one of lenet, mlp, resnet20, resnet110, char-lstm, logistic, or a file .json, .js, .mjs, .cjs, .ts, .mts: received "resnet"',
    ],
    [{ optimizer: "Adam" }, `Cannot parse --optimizer as it must be one of ${optimizers}: received "Adam"`],
    [{ loop: "shut" }, 'Cannot parse --loop as it must be one of closed, published, open: received "shut"'],
    [
      { mode: "parallel" },
      'Cannot parse --mode as it must be one of hogwild, locked, serial, sync, round-robin, random-worker, timed: received "parallel"',
    ],
    [
      { engine: "cuda" },
      'Cannot parse --engine as it must be one of ort, tfjs, tensorflow, reference: received "cuda"',
    ],
    [
      { batchSize: "65537" },
      'Cannot parse --batch-size as it must be an integer in [1, 65536]: received "65537"',
    ],
    [{ epochs: "0" }, 'Cannot parse --epochs as it must be a number > 0: received "0"'],
    [{ epochs: "Infinity" }, 'Cannot parse --epochs as it must be a number > 0: received "Infinity"'],
    [{ updates: "0" }, 'Cannot parse --updates as it must be an integer ≥ 1: received "0"'],
    [
      { updates: "9007199254740993" },
      'Cannot parse --updates as it must be an integer ≥ 1: received "9007199254740993"',
    ],
    [{ seconds: "-1" }, 'Cannot parse --seconds as it must be a number > 0: received "-1"'],
    [{ seconds: "1e999" }, 'Cannot parse --seconds as it must be a number > 0: received "1e999"'],
    [
      { targetAccuracy: "98" },
      'Cannot parse --target-accuracy as it must be a number in (0, 1]: received "98"',
    ],
    [{ learningRate: "0" }, 'Cannot parse --learning-rate as it must be a number > 0: received "0"'],
    [{ momentum: "1" }, 'Cannot parse --momentum as it must be a number in [-0.9, 0.999]: received "1"'],
    [
      { learningRateFactor: "x" },
      'Cannot parse --learning-rate-factor as it must be a number > 0: received "x"',
    ],
    [{ backOff: "true" }, 'Cannot parse --back-off as it must be on or off: received "true"'],
    [{ seed: "-1" }, 'Cannot parse --seed as it must be an integer in [0, 4294967295]: received "-1"'],
    [{ evalEvery: "0" }, 'Cannot parse --eval-every as it must be a number > 0: received "0"'],
    [{ out: "" }, 'Cannot parse --out as it must be a path: received ""'],
    [{ force: "yes" }, 'Cannot parse --force as it must be true or false: received "yes"'],
    [
      { onnxPreprocessing: true },
      "Cannot use --onnx-preprocessing as there is nowhere to write without --out: received true",
    ],
    [
      { tensorboard: true },
      "Cannot use --tensorboard as there is nowhere to write without --out: received true",
    ],
    [
      { supervise: true },
      "Cannot use --supervise as there is nowhere to keep checkpoints without --out: received true",
    ],
    [
      { supervise: true, out: "run", keep: "0" },
      "Cannot use --supervise as there is nothing to go on from with --keep 0: received true",
    ],
    [{ tensorboard: "x" }, 'Cannot parse --tensorboard as it must be true or false: received "x"'],
    [
      { dashboard: "65536" },
      'Cannot parse --dashboard as it must be an integer in [0, 65535]: received "65536"',
    ],
    [{ json: "yes" }, 'Cannot parse --json as it must be true or false: received "yes"'],
    [{ quiet: "yes" }, 'Cannot parse --quiet as it must be true or false: received "yes"'],
    [{ debug: "yes" }, 'Cannot parse --debug as it must be true or false: received "yes"'],
    [
      { learningRate: "0.1" },
      "Cannot use --learning-rate as yellowfin sets it by itself (scale it with --learning-rate-factor): received 0.1",
    ],
    [
      { learningRate: "0.1", optimizer: "yellowfin-no-momentum" },
      "Cannot use --learning-rate as yellowfin-no-momentum sets it by itself (scale it with --learning-rate-factor): received 0.1",
    ],
    [
      { momentum: "0.5" },
      "Cannot use --momentum as only the optimizers momentum and nesterov take it and --optimizer is yellowfin: received 0.5",
    ],
    [
      { momentum: "0", optimizer: "sgd" },
      "Cannot use --momentum as only the optimizers momentum and nesterov take it and --optimizer is sgd: received 0",
    ],
    [
      { loop: "open", optimizer: "adam" },
      'Cannot use --loop as only the optimizer yellowfin has a loop and --optimizer is adam: received "open"',
    ],
    [{ record: true }, "Cannot use --record as there is nowhere to keep it without --out: received true"],
    [
      { record: true, seconds: "5", out: "x" },
      "Cannot use --record as room for the order needs --epochs or --updates: received true",
    ],
    [
      { record: true, mode: "sync", out: "x" },
      "Cannot use --record as a schedule has its order from the seed and --mode is sync: received true",
    ],
    [
      { weightDecay: "0.1", optimizer: "adam" },
      "Cannot use --weight-decay as only the optimizer adamw takes it and --optimizer is adam: received 0.1",
    ],
    [
      { learningRate: "0.1", optimizer: "dog" },
      "Cannot use --learning-rate as dog sets it by itself (scale it with --learning-rate-factor): received 0.1",
    ],
    [
      { averaging: "on", optimizer: "schedule-free" },
      "Cannot use --averaging as schedule-free has an average of its own: received true",
    ],
    [
      { averaging: "on", optimizer: "auto" },
      "Cannot use --averaging as auto has an average of its own: received true",
    ],
    [
      { backOff: "off", optimizer: "auto" },
      "Cannot use --back-off as auto has a back-off of its own: received false",
    ],
    [
      { learningRate: "0.1", optimizer: "auto" },
      "Cannot use --learning-rate as auto sets it by itself (scale it with --learning-rate-factor): received 0.1",
    ],
    [{ patience: "0" }, 'Cannot parse --patience as it must be an integer ≥ 1: received "0"'],
    [{ keepBest: "yes" }, 'Cannot parse --keep-best as it must be on or off: received "yes"'],
    [
      { schedule: "linear" },
      'Cannot parse --schedule as it must be one of constant, cosine, step, epoch-decay: received "linear"',
    ],
    [{ decay: "1.5" }, 'Cannot parse --decay as it must be a number in (0, 1]: received "1.5"'],
    [{ decayEvery: "0" }, 'Cannot parse --decay-every as it must be a number > 0: received "0"'],
    [
      { schedule: "cosine", optimizer: "auto" },
      'Cannot use --schedule as auto needs none: its average takes the place of one: received "cosine"',
    ],
    [
      { schedule: "cosine", seconds: "5" },
      'Cannot use --schedule as its end must be known, by --epochs or --updates: received "cosine"',
    ],
    [
      { decay: "0.5", schedule: "cosine" },
      "Cannot use --decay as only the schedules step and epoch-decay have steps and --schedule is cosine: received 0.5",
    ],
    [
      { decayEvery: "2" },
      "Cannot use --decay-every as only the schedules step and epoch-decay have steps and --schedule is constant: received 2",
    ],
    [
      { stalenessPolicy: "lr-over-tau", mode: "sync" },
      'Cannot use --staleness-policy as nothing is stale in mode sync: received "lr-over-tau"',
    ],
    [
      { momentumEstimator: "mean" },
      'Cannot parse --momentum-estimator as it must be one of median, smoothed-ratio, regression: received "mean"',
    ],
    [
      { momentumEstimator: "regression", optimizer: "adam" },
      'Cannot use --momentum-estimator as no momentum is measured of the optimizer adam: received "regression"',
    ],
    [
      { stalenessPolicy: "drop" },
      'Cannot use --staleness-policy as nothing is too stale without --max-staleness: received "drop"',
    ],
    [
      { stalenessPolicy: "drop", maxStaleness: "4", onStale: "wait" },
      'Cannot use --staleness-policy as --on-stale is wait: received "drop"',
    ],
    [
      { stalenessPolicy: "closed-loop", optimizer: "adam" },
      'Cannot use --staleness-policy as it steers the optimizer momentum and --optimizer is adam: received "closed-loop"',
    ],
    [
      { stalenessPolicy: "closed-loop" },
      'Cannot use --staleness-policy as it steers the optimizer momentum and --optimizer is yellowfin, which has --loop: received "closed-loop"',
    ],
    [
      { simulateWorkers: "0" },
      'Cannot parse --simulate-workers as it must be an integer in [1, 1024]: received "0"',
    ],
    [
      { simulateWorkers: "4" },
      "Cannot use --simulate-workers as only a schedule simulates workers and --mode is hogwild: received 4",
    ],
    [
      { stepTime: "exponential", mode: "sync" },
      'Cannot use --step-time as only mode timed has step times and --mode is sync: received "exponential"',
    ],
    [
      { speeds: "1,0", mode: "timed" },
      'Cannot parse --speeds as it must be numbers > 0 with commas in between: received "1,0"',
    ],
    [
      { delay: "1=5;1=6" },
      'Cannot parse --delay as it must be rank=milliseconds[,constant|exponential], once per rank, with semicolons in between: received "1=5;1=6"',
    ],
    [
      { delay: "7=5", workers: "2" },
      "Cannot delay a worker as ranks must be below the number of workers, 2: received 7",
    ],
    [
      { delay: "0=5", mode: "sync" },
      'Cannot use --delay as only free threads can be slow and --mode is sync: received "0=5"',
    ],
    [
      { speeds: "2,1" },
      'Cannot use --speeds as only mode timed has step times and --mode is hogwild: received "2,1"',
    ],
    [
      { maxStaleness: "14", mode: "round-robin", simulateWorkers: "16" },
      "Cannot use --max-staleness as round-robin has a staleness of 15, one less than its workers: received 14",
    ],
    [
      { maxStaleness: "14", mode: "sync" },
      "Cannot use --max-staleness as only free threads can drop or wait and --mode is sync: received 14",
    ],
    [
      { onStale: "wait" },
      'Cannot use --on-stale as nothing is too stale without --max-staleness: received "wait"',
    ],
    [{ mode: "serial", workers: "2" }, "Cannot use --workers as serial mode has one worker: received 2"],
    [
      { testShare: "0.1" },
      "Cannot use --test-share as only data in files takes it and --data is mnist: received 0.1",
    ],
    [
      { imageSize: "9x9" },
      'Cannot use --image-size as only data in files takes it and --data is mnist: received "9x9"',
    ],
    [
      { data: "a.csv", testShare: "0.1", testData: "b.csv" },
      "Cannot use --test-share as --test-data is all that is tested with: received 0.1",
    ],
    [{ testShare: "1" }, 'Cannot parse --test-share as it must be a number in (0, 1): received "1"'],
    [
      { imageSize: "64" },
      'Cannot parse --image-size as it must be WIDTHxHEIGHT, each in [1, 4096]: received "64"',
    ],
    [
      { augment: "flip,flip" },
      'Cannot parse --augment as it must be some of crop, flip, each once, with commas in between: received "flip,flip"',
    ],
    [{ labelColumn: "" }, 'Cannot parse --label-column as it must not be empty: received ""'],
    [{ force: true }, "Cannot use --force as there is nothing to overwrite without --out: received true"],
  ])("refuses %o on the command line", (raw, message) => {
    expect(() => allOf(raw, "cli")).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", exitCode: 2, message }),
    );
  });

  it.each([1, 2, 64, 1024])(
    "refuses a bound below round-robin's staleness for the default number of workers, too: %i cores",
    (cores) => {
      onCores(cores);
      // M = min(cores, 256) workers are M − 1 updates stale.
      const staleness = Math.min(cores, 256) - 1;
      const bounded = (maxStaleness: number) => allOf({ mode: "round-robin", maxStaleness }, "library");
      expect(bounded(staleness).maxStaleness).toBe(staleness);
      if (staleness === 0) return;
      expect(() => bounded(staleness - 1)).toThrow(
        `Cannot use maxStaleness as round-robin has a staleness of ${staleness}, one less than its workers: received ${staleness - 1}`,
      );
    },
  );

  it.each<[Record<string, unknown>, string]>([
    [{ workers: 0 }, "Cannot use workers as it must be an integer in [1, 256]: received 0"],
    [{ workers: "4" }, 'Cannot use workers as it must be an integer in [1, 256]: received "4"'],
    [{ seed: Number.NaN }, "Cannot use seed as it must be an integer in [0, 4294967295]: received NaN"],
    [{ maxUpdates: 1.5 }, "Cannot use maxUpdates as it must be an integer ≥ 1: received 1.5"],
    [
      { maxSeconds: Number.POSITIVE_INFINITY },
      "Cannot use maxSeconds as it must be a number > 0: received Infinity",
    ],
    [{ evalEverySeconds: null }, "Cannot use evalEverySeconds as it must be a number > 0: received null"],
    [{ seed: {} }, 'Cannot use seed as it must be an integer in [0, 4294967295]: received "[object Object]"'],
    [{ backOff: "on" }, 'Cannot use backOff as it must be true or false: received "on"'],
    [
      { learningRate: 0.1 },
      "Cannot use learningRate as yellowfin sets it by itself (scale it with learningRateFactor): received 0.1",
    ],
    [
      { momentum: 0.5, optimizer: "adam" },
      "Cannot use momentum as only the optimizers momentum and nesterov take it and optimizer is adam: received 0.5",
    ],
    [{ keepCheckpoints: -1 }, "Cannot use keepCheckpoints as it must be an integer ≥ 0: received -1"],
    [{ mode: "serial", workers: 3 }, "Cannot use workers as serial mode has one worker: received 3"],
  ])("refuses %o in the library", (raw, message) => {
    expect(() => allOf(raw, "library")).toThrow(expect.objectContaining({ code: "BAD_OPTION", message }));
  });

  it("refuses options that do not exist, and those of the command line in the library", () => {
    expect(() => allOf({ worker: 1 }, "library")).toThrow(
      /^Cannot use an option as it must be one of data, dataDir, .*, model, .*, force: received "worker"$/,
    );
    expect(() => allOf({ json: true }, "library")).toThrow(/received "json"$/);
    expect(() => allOf({ maxUpdates: "1" }, "cli")).toThrow(/one of --data, .*: received "maxUpdates"$/);
    expect(() => allOf(JSON.parse('{ "__proto__": 1 }'), "cli")).toThrow(/received "__proto__"$/);
  });

  const attributes = commandLineOptions().map(({ flags }) =>
    flags.replace(/^--| .*$/g, "").replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
  const fragments = [
    "1",
    "0",
    ".",
    "-",
    "e",
    "on",
    "mnist",
    "sgd",
    "momentum",
    "serial",
    "yellowfin",
    "Infinity",
    "0.5",
    " ",
  ];
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...fragments), { maxLength: 3 }).map((parts) => parts.join("")),
  );

  it("parses any texts of any options or throws one sentence of BAD_OPTION, exit code 2", () => {
    const raw = fc.dictionary(fc.constantFrom(...attributes), fc.oneof(text, fc.constant(true)), {
      maxKeys: 4,
    });
    fc.assert(
      fc.property(raw, (options) => {
        try {
          expect(Object.keys(allOf(options, "cli"))).toHaveLength(optionRows.length);
        } catch (error) {
          expect(error).toBeInstanceOf(YfError);
          expect(error).toMatchObject({ code: "BAD_OPTION", exitCode: 2 });
          expect((error as Error).message).toMatch(/^Cannot (parse|use) --[a-z-]+ as .+: received /);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("takes any values of the library or throws BAD_OPTION", () => {
    const names = optionRows.map(([name]) => name);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), fc.anything({ withNullPrototype: true })),
        (options) => {
          try {
            allOf(options, "library");
          } catch (error) {
            expect(error).toBeInstanceOf(YfError);
            expect(error).toHaveProperty("code", "BAD_OPTION");
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("the option table for people", () => {
  it("gives commander one line for each flag, with its words, its default and its group", () => {
    const options = commandLineOptions();
    expect(options).toHaveLength(optionRows.length);
    expect(options.map(({ flags }) => flags)).toEqual(
      expect.arrayContaining(["--batch-size <N>", "--back-off <on|off>", "--json"]),
    );
    expect(options).toContainEqual({
      flags: "--batch-size <N>",
      description: "Examples in one minibatch (default: 64)",
      group: "Workers",
    });
    expect(options).toContainEqual({
      flags: "--schedule <NAME>",
      description:
        "How the learning rate falls in the course of a run, also one that yellowfin sets: constant, cosine, step, epoch-decay (default: constant)",
      group: "Optimizer",
    });
    expect(options).toContainEqual({
      flags: "--quiet",
      description: "Show no progress, only warnings",
      group: "Output",
    });
    for (const { description } of options) expect(description).not.toMatch(/null|undefined/);
  });

  it("shows every word that an option takes, in the place of its value or behind what it does", () => {
    const shown = commandLineOptions();
    for (const [, { flag, kind }] of optionRows) {
      const { description, flags } = shown.find((option) => option.flags.split(" ")[0] === flag) ?? {};
      for (const word of kind.words ?? []) expect(`${flags} ${description}`).toContain(word);
      expect(flags?.length).toBeLessThan(40);
    }
  });

  it("is a Markdown table for each group, with as many cells in every row", () => {
    const tables = optionsMarkdown().split("\n\n");
    expect(tables.map((table) => table.split(" ", 2)[1])).toEqual(
      optionGroups.map(({ title }) => title.split(" ")[0]),
    );
    const lines = tables.flatMap((table) => table.split("\n"));
    expect(lines).toHaveLength(optionRows.length + 2 * tables.length);
    for (const line of lines) expect(line.replaceAll("\\|", "").split("|")).toHaveLength(6);
    expect(lines).toContain(
      "| `--eval-every S` | `evalEverySeconds` | Seconds between evaluations on the test set while training | once an epoch |",
    );
    expect(lines).toContain(
      "| `--batch-jitter none\\|two\\|exponential` | `batchJitter` | Minibatches of one size, or of two or six around it in random order: gradients then differ in staleness | exponential from 8 workers on, else none |",
    );
    expect(lines).toContain(
      "| `--json` | – | Print the summary as one line of JSON on standard output | off |",
    );
  });
});
