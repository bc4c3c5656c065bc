import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { YfError } from "../../src/errors.ts";
import type { OptionSource } from "../../src/options/conflicts.ts";
import { commandLineOptions, optionsMarkdown } from "../../src/options/describe.ts";
import { resolveOptions, withCurrentNames } from "../../src/options/resolve-options.ts";
import { valuesOf } from "../../src/options/run-spec.ts";
import { type FormerOptions, type OptionsInput, optionGroups, optionRows } from "../../src/options/table.ts";

/** All values that options resolve to, by name. */
function allOf(raw: Readonly<Record<string, unknown>>, source: OptionSource): Record<string, unknown> {
  const { spec, terminal } = resolveOptions(raw, source);
  return { ...valuesOf(spec), ...terminal };
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
      validationSplit: null,
      labelColumn: null,
      ignoreColumns: null,
      header: null,
      separator: null,
      decimal: null,
      missing: null,
      features: null,
      featuresArray: null,
      labelsArray: null,
      sequenceLength: 50,
      imageSize: null,
      augment: [],
      model: "lenet",
      loss: null,
      classWeight: null,
      workers: 2,
      optimizer: "auto",
      loop: "corrected",
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
      monitor: null,
      target: null,
      patience: null,
      restoreBestWeights: false,
      schedule: "constant",
      decay: null,
      decayEvery: null,
      learningRate: null,
      momentum: null,
      nesterov: false,
      weightDecay: null,
      clipNorm: null,
      clipValue: null,
      momentumEstimator: "median",
      stalenessPolicy: "gap-aware",
      learningRateFactor: 1,
      backOff: false,
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
      features: "12",
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
      monitor: "val_mae",
      target: "-.5",
      classWeight: "no:1, at 12:30:2.5e0",
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
      validationSplit: null,
      labelColumn: "3",
      ignoreColumns: ["id", "2"],
      header: "yes",
      separator: "pipe",
      decimal: "comma",
      missing: "drop",
      features: 12,
      featuresArray: "X",
      labelsArray: "y",
      sequenceLength: 7,
      imageSize: { width: 64, height: 48 },
      augment: ["flip", "crop"],
      model: "mlp",
      loss: "hinge",
      workers: 256,
      optimizer: "momentum",
      loop: "corrected",
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
      monitor: "val_mae",
      target: -0.5,
      classWeight: { no: 1, "at 12:30": 2.5 },
      patience: 3,
      restoreBestWeights: true,
      schedule: "step",
      decay: 0.2,
      decayEvery: 1.5,
      momentumEstimator: "regression",
      stalenessPolicy: "lr-over-tau",
      weightDecay: null,
      nesterov: false,
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
      optimizer: "yellowfin",
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
    [{}, false],
    [{ optimizer: "yellowfin" }, true],
    [{ optimizer: "yellowfin", loop: "feedback" }, false],
    [{ optimizer: "yellowfin", loop: "none" }, false],
    [{ optimizer: "yellowfin", loop: "none", backOff: "on" }, true],
    [{ optimizer: "adam" }, false],
    [{ optimizer: "yellowfin-no-momentum" }, false],
    [{ optimizer: "yellowfin", backOff: "off" }, false],
  ])("sets the back-off for %o to %s", (raw, backOff) => {
    expect(allOf(raw, "cli").backOff).toBe(backOff);
  });

  it("has one worker in serial mode", () => {
    expect(allOf({ mode: "serial" }, "cli").workers).toBe(1);
    expect(allOf({ mode: "serial", workers: "1" }, "cli").workers).toBe(1);
  });

  it.each([
    [{ workers: "0" }, "--workers", "an integer in [1, 256]"],
    [{ workers: "257" }, "--workers", "an integer in [1, 256]"],
    [{ workers: "2.5" }, "--workers", "an integer in [1, 256]"],
    [{ workers: "" }, "--workers", "an integer in [1, 256]"],
    [{ workers: "0x10" }, "--workers", "an integer in [1, 256]"],
    [{ workers: "many" }, "--workers", "an integer in [1, 256]"],
    [{ data: "cifar" }, "--data", "one of mnist"],
    [{ dataDir: "" }, "--data-dir", "a path"],
    [{ model: "resnet" }, "--model", "one of lenet"],
    [{ optimizer: "Adam" }, "--optimizer", "did you mean adam?"],
    [{ loop: "shut" }, "--loop", "one of corrected"],
    [{ mode: "parallel" }, "--mode", "one of hogwild"],
    [{ engine: "cuda" }, "--engine", "one of ort"],
    [{ batchSize: "65537" }, "--batch-size", "an integer in [1, 65536]"],
    [{ epochs: "0" }, "--epochs", "a number > 0"],
    [{ epochs: "Infinity" }, "--epochs", "a number > 0"],
    [{ updates: "0" }, "--updates", "an integer ≥ 1"],
    [{ updates: "9007199254740993" }, "--updates", "an integer ≥ 1"],
    [{ seconds: "-1" }, "--seconds", "a number > 0"],
    [{ seconds: "1e999" }, "--seconds", "a number > 0"],
    [{ targetAccuracy: "98" }, "--target-accuracy", "a number in (0, 1]"],
    [{ target: "0.5" }, "--target", "requires --monitor"],
    [{ classWeight: "even" }, "--class-weight", "must be balanced"],
    [{ classWeight: "0:1,0:2" }, "--class-weight", "once per class"],
    [{ classWeight: "0:0,1:0" }, "--class-weight", "each weight ≥ 0"],
    [{ classWeight: "0:1,1:-1" }, "--class-weight", "each weight ≥ 0"],
    [{ classWeight: "0:1,:2" }, "--class-weight", "class:weight"],
    [{ target: "half", monitor: "mae" }, "--target", "a number"],
    [{ learningRate: "0" }, "--learning-rate", "a number > 0"],
    [{ momentum: "1" }, "--momentum", "a number in [-0.9, 0.999]"],
    [{ learningRateFactor: "x" }, "--learning-rate-factor", "a number > 0"],
    [{ backOff: "true" }, "--back-off", "on or off"],
    [{ seed: "-1" }, "--seed", "an integer in [0, 4294967295]"],
    [{ evalEvery: "0" }, "--eval-every", "a number > 0"],
    [{ out: "" }, "--out", "a path"],
    [{ force: "yes" }, "--force", "true or false"],
    [{ onnxPreprocessing: true }, "--onnx-preprocessing", "--out"],
    [{ tensorboard: true }, "--tensorboard", "--out"],
    [{ supervise: true }, "--supervise", "--out"],
    [{ supervise: true, out: "run", keep: "0" }, "--supervise", "--keep 0"],
    [{ tensorboard: "x" }, "--tensorboard", "true or false"],
    [{ dashboard: "65536" }, "--dashboard", "an integer in [0, 65535]"],
    [{ json: "yes" }, "--json", "true or false"],
    [{ quiet: "yes" }, "--quiet", "true or false"],
    [{ debug: "yes" }, "--debug", "true or false"],
    [{ learningRate: "0.1" }, "--learning-rate", "--learning-rate-factor"],
    [
      { learningRate: "0.1", optimizer: "yellowfin-no-momentum" },
      "--learning-rate",
      "--learning-rate-factor",
    ],
    [{ momentum: "0.5" }, "--momentum", "--optimizer is auto"],
    [{ nesterov: true }, "--nesterov", "--optimizer is auto"],
    [
      { nesterov: true, optimizer: "momentum", stalenessPolicy: "closed-loop" },
      "--staleness-policy",
      "nesterov",
    ],
    [{ momentum: "0", optimizer: "sgd" }, "--momentum", "--optimizer is sgd"],
    [{ loop: "open", optimizer: "adam" }, "--loop", "--optimizer is adam"],
    [{ record: true }, "--record", "--out"],
    [{ record: true, seconds: "5", out: "x" }, "--record", "--epochs"],
    [{ record: true, mode: "sync", out: "x" }, "--record", "--mode is sync"],
    [{ weightDecay: "0.1", optimizer: "adam" }, "--weight-decay", "--optimizer is adam"],
    [{ learningRate: "0.1", optimizer: "dog" }, "--learning-rate", "--learning-rate-factor"],
    [{ averaging: "on", optimizer: "schedule-free" }, "--averaging", "its own average"],
    [{ backOff: "off", optimizer: "auto" }, "--back-off", "its own back-off"],
    [{ learningRate: "0.1", optimizer: "auto" }, "--learning-rate", "--learning-rate-factor"],
    [{ patience: "0" }, "--patience", "an integer ≥ 1"],
    [{ restoreBestWeights: "yes" }, "--restore-best-weights", "on or off"],
    [{ schedule: "linear" }, "--schedule", "one of constant"],
    [{ decay: "1.5" }, "--decay", "a number in (0, 1]"],
    [{ decayEvery: "0" }, "--decay-every", "a number > 0"],
    [{ schedule: "cosine", optimizer: "schedule-free" }, "--schedule", "schedule-free"],
    [{ schedule: "cosine", seconds: "5" }, "--schedule", "--epochs"],
    [{ decay: "0.5", schedule: "cosine" }, "--decay", "--schedule is cosine"],
    [{ decayEvery: "2" }, "--decay-every", "--schedule is constant"],
    [{ stalenessPolicy: "lr-over-tau", mode: "sync" }, "--staleness-policy", "mode sync"],
    [{ momentumEstimator: "mean" }, "--momentum-estimator", "one of median"],
    [{ momentumEstimator: "regression", optimizer: "adam" }, "--momentum-estimator", "optimizer adam"],
    [{ stalenessPolicy: "drop" }, "--staleness-policy", "--max-staleness"],
    [
      { stalenessPolicy: "drop", maxStaleness: "4", onStale: "wait" },
      "--staleness-policy",
      "--on-stale wait",
    ],
    [{ stalenessPolicy: "closed-loop", optimizer: "adam" }, "--staleness-policy", "--optimizer is adam"],
    [{ stalenessPolicy: "closed-loop" }, "--staleness-policy", "--optimizer is auto"],
    [{ simulateWorkers: "0" }, "--simulate-workers", "an integer in [1, 1024]"],
    [{ simulateWorkers: "4" }, "--simulate-workers", "--mode is hogwild"],
    [{ stepTime: "exponential", mode: "sync" }, "--step-time", "--mode is sync"],
    [{ speeds: "1,0", mode: "timed" }, "--speeds", "numbers > 0 with commas in between"],
    [{ delay: "1=5;1=6" }, "--delay", "rank=milliseconds[,constant|exponential]"],
    [{ delay: "7=5", workers: "2" }, "--delay", "workers, 2"],
    [{ delay: "0=5", mode: "sync" }, "--delay", "--mode is sync"],
    [{ speeds: "2,1" }, "--speeds", "--mode is hogwild"],
    [
      { maxStaleness: "14", mode: "round-robin", simulateWorkers: "16" },
      "--max-staleness",
      "staleness of 15",
    ],
    [{ maxStaleness: "14", mode: "sync" }, "--max-staleness", "--mode is sync"],
    [{ onStale: "wait" }, "--on-stale", "--max-staleness"],
    [{ mode: "serial", workers: "2" }, "--workers", "mode serial"],
    [{ validationSplit: "0.1" }, "--validation-split", "--data is mnist"],
    [{ imageSize: "9x9" }, "--image-size", "--data is mnist"],
    [{ data: "a.csv", validationSplit: "0.1", testData: "b.csv" }, "--validation-split", "--test-data"],
    [{ validationSplit: "1" }, "--validation-split", "a number in (0, 1)"],
    [{ imageSize: "64" }, "--image-size", "WIDTHxHEIGHT, each in [1, 4096]"],
    [{ augment: "flip,flip" }, "--augment", "some of crop, flip"],
    [{ labelColumn: "" }, "--label-column", "not be empty"],
    [{ force: true }, "--force", "--out"],
  ])("refuses %o on the command line", (raw, option, words) => {
    expect(() => resolveOptions(raw, "cli")).toThrow(
      expect.objectContaining({
        code: "BAD_OPTION",
        exitCode: 2,
        details: expect.objectContaining({ option }),
        message: expect.stringContaining(words),
      }),
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
        expect.objectContaining({ details: { option: "maxStaleness", value: staleness - 1 } }),
      );
    },
  );

  it.each<[Record<string, unknown>, string, string]>([
    [{ workers: 0 }, "workers", "an integer in [1, 256]"],
    [{ workers: "4" }, "workers", "an integer in [1, 256]"],
    [{ seed: Number.NaN }, "seed", "an integer in [0, 4294967295]"],
    [{ maxUpdates: 1.5 }, "maxUpdates", "an integer ≥ 1"],
    [{ maxSeconds: Number.POSITIVE_INFINITY }, "maxSeconds", "a number > 0"],
    [{ evalEverySeconds: null }, "evalEverySeconds", "a number > 0"],
    [{ seed: {} }, "seed", "an integer in [0, 4294967295]"],
    [{ backOff: "on" }, "backOff", "true or false"],
    [{ learningRate: 0.1 }, "learningRate", "learningRateFactor"],
    [{ momentum: 0.5, optimizer: "adam" }, "momentum", "optimizer is adam"],
    [{ keepCheckpoints: -1 }, "keepCheckpoints", "an integer ≥ 0"],
    [{ mode: "serial", workers: 3 }, "workers", "mode serial"],
  ])("refuses %o in the library", (raw, option, words) => {
    expect(() => resolveOptions(raw, "library")).toThrow(
      expect.objectContaining({
        code: "BAD_OPTION",
        exitCode: 2,
        details: expect.objectContaining({ option }),
        message: expect.stringContaining(words),
      }),
    );
  });

  it("refuses options that do not exist, and those of the command line in the library", () => {
    expect(() => allOf({ worker: 1 }, "library")).toThrow(
      /^Cannot use an option: must be one of data, dataDir, .*, model, .*, force \(got "worker"\)$/,
    );
    expect(() => allOf({ json: true }, "library")).toThrow(/\(got "json"\)$/);
    expect(() => allOf({ maxUpdates: "1" }, "cli")).toThrow(/one of --data, .* \(got "maxUpdates"\)$/);
    expect(() => allOf(JSON.parse('{ "__proto__": 1 }'), "cli")).toThrow(/\(got "__proto__"\)$/);
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
          expect((error as Error).message).toMatch(/^Cannot (parse|use|delay) (--[a-z-]+|a worker): ./);
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

describe("earlier names of options", () => {
  const today = { data: "a.csv", validationSplit: 0.25, patience: 3, restoreBestWeights: false } as const;

  it("give the spec of the names of today, as flags, as properties, and in the settings of a checkpoint", () => {
    const { spec } = resolveOptions(today, "library");
    const { restoreBestWeights: keepBest, validationSplit: testShare, ...rest } = today;
    const former = { ...rest, testShare, keepBest } satisfies FormerOptions & OptionsInput;
    expect(resolveOptions(former, "library").spec).toEqual(spec);
    const texts = { data: "a.csv", testShare: "0.25", patience: "3", keepBest: "off" };
    expect(resolveOptions(texts, "cli").spec).toEqual(spec);
    expect(withCurrentNames(former, "library")).toEqual(today);
  });

  it.each([
    ["library", { testShare: 0.1, validationSplit: 0.2 }, "testShare"],
    ["cli", { keepBest: "on", restoreBestWeights: "on" }, "--keep-best"],
  ] as const)("are refused beside the name of today: %s", (source, raw, option) => {
    expect(() => resolveOptions(raw, source)).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", details: { option } }),
    );
  });
});

describe("the option table for people", () => {
  it("gives commander one line for each flag, with its words, its default and its group", () => {
    const options = commandLineOptions().filter(({ isFormer }) => !isFormer);
    expect(options).toHaveLength(optionRows.length);
    expect(options.map(({ flags }) => flags)).toEqual(
      expect.arrayContaining(["--batch-size <N>", "--back-off <on|off>", "--json"]),
    );
    expect(options).toContainEqual({
      flags: "--batch-size <N>",
      description: "Examples in one minibatch; all of them where there are fewer (default: 64)",
      group: "Workers",
      isFormer: false,
    });
    expect(options).toContainEqual({
      flags: "--schedule <NAME>",
      description:
        "How the learning rate falls during a run, including one that yellowfin chooses: constant, cosine, step, epoch-decay (default: constant)",
      group: "Optimizer",
      isFormer: false,
    });
    expect(options).toContainEqual({
      flags: "--quiet",
      description: "Show no progress, only warnings",
      group: "Output",
      isFormer: false,
    });
    for (const { description } of options) expect(description).not.toMatch(/null|undefined/);
  });

  it("hides earlier flags, which stand for those of today", () => {
    const former = optionRows.filter(([, { formerFlag }]) => formerFlag !== undefined);
    const hidden = commandLineOptions().filter(({ isFormer }) => isFormer);
    expect(hidden.map(({ flags }) => flags.split(" ")[0])).toEqual(
      former.map(([, { formerFlag }]) => formerFlag),
    );
    expect(optionsMarkdown()).not.toMatch(/--test-share|--keep-best/);
  });

  it("shows every word that an option takes, in the place of its value or behind what it does", () => {
    const shown = commandLineOptions();
    for (const [, { flag, kind }] of optionRows) {
      const { description, flags } = shown.find((option) => option.flags.split(" ")[0] === flag) ?? {};
      for (const word of kind.words ?? []) expect(`${flags} ${description}`).toContain(word);
      expect(flags?.length).toBeLessThanOrEqual(40);
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
      "| `--batch-jitter none\\|two\\|exponential` | `batchJitter` | Minibatches of one size, or of two or six sizes around it in random order, so that gradients differ in staleness | exponential from 8 workers on, else none |",
    );
    expect(lines).toContain(
      "| `--json` | – | Print the summary as one line of JSON on standard output | off |",
    );
  });
});
