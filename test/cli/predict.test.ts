/** `yf-async predict` and `evaluate --data`: what a run left behind is used on other data, from another folder. */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadModel } from "yf-async";
import { runInProcess } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-predict-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A file of NumPy's with float32 numbers. */
function npy(name: string, shape: readonly number[], values: readonly number[]): string {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const padded = `${header.padEnd(117)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${padded}`, "latin1");
  return file(name, Buffer.concat([head, Buffer.from(Float32Array.from(values).buffer)]));
}

async function trained(name: string, data: string, ...more: readonly string[]): Promise<string> {
  const out = join(folder, name);
  const args = ["train", "--data", data, "--out", out, "--workers", "1", "--updates", "20", ...more];
  const { code, stderr } = await runInProcess([...args, "--batch-size", "4", "--quiet"]);
  expect([code, stderr.includes("Cannot")], stderr).toEqual([0, false]);
  return out;
}

async function outputsOf(run: string, rows: readonly (readonly number[])[]): Promise<number[][]> {
  const model = await loadModel(join(run, "model.json"));
  const output = model.predict(tf.tensor2d(rows.map((row) => [...row]))) as tf.Tensor2D;
  return output.arraySync();
}

function softmax(row: readonly number[]): number[] {
  const powers = row.map((value) => Math.exp(value));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

interface Line {
  readonly prediction: string | number;
  readonly probabilities?: Readonly<Record<string, number>>;
}

async function predicted(run: string, data: string): Promise<Line[]> {
  const { code, stderr, stdout } = await runInProcess(["predict", run, data, "--json"]);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("Cannot")]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

async function expectProbabilities(
  lines: readonly Line[],
  run: string,
  rows: readonly number[][],
  names: string[],
) {
  const expected = (await outputsOf(run, rows)).map(softmax);
  expect(lines).toHaveLength(rows.length);
  for (const [i, { prediction, probabilities = {} }] of lines.entries()) {
    expect(Object.keys(probabilities).sort()).toEqual([...names].sort());
    for (const [k, name] of names.entries()) {
      expect(Math.abs(probabilities[name] - expected[i][k])).toBeLessThan(1e-6);
    }
    expect(prediction).toBe(names[expected[i].indexOf(Math.max(...expected[i]))]);
  }
}

const rowsOfTrain = Array.from({ length: 12 }, (_, i) =>
  [`${i}`, ["Oslo", "Rome"][i % 2], `"${i},5 %"`, i === 3 ? "" : `${i * 2}`, i % 3 === 0 ? "yes" : "no"].join(
    ";",
  ),
);
/** Semicolons, decimal commas, percentages, a gap, and a column that is left out. */
const trainTable = `id;city;share;"a ""b""";bought\n${rowsOfTrain.join("\n")}\n`;
/** Of the numbers 0, 2, …, 22 without 6. */
const mean = (132 - 6) / 11;

let table = "";
let regression = "";
let libsvm = "";
let arrays = "";

beforeAll(async () => {
  const data = file("train.csv", trainTable);
  table = await trained("table", data, "--model", "logistic", "--missing", "mean", "--ignore-columns", "id");
  const numbers = Array.from({ length: 8 }, (_, i) => `${i},${2 * i + 0.5}`).join("\n");
  regression = await trained(
    "regression",
    file("numbers.csv", `x,price\n${numbers}\n`),
    "--model",
    "logistic",
    "--loss",
    "meanSquaredError",
  );
  libsvm = await trained(
    "libsvm",
    file("train.svm", "-1 0:1 2:3\n+1 1:2\n-1 0:2\n+1 2:1\n"),
    "--model",
    "logistic",
  );
  mkdirSync(join(folder, "arrays"));
  npy("arrays/y_train.npy", [4], [0, 1, 2, 1]);
  const x = npy("arrays/x_train.npy", [4, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  arrays = await trained("arrays-run", x, "--model", "logistic");
}, 120_000);

describe("yf-async predict", () => {
  test("finds columns by name in any order, without labels, and reads them as the table to train on", async () => {
    // Features are Oslo, Rome, share, a "b"; a gap is the mean of the data to train on.
    const lines = await predicted(
      table,
      file("new.csv", `"a ""b""";city;share\n4;Rome;50 %\n;Oslo;2,5 %\n-1,5;Rome;0 %\n`),
    );
    const rows = [
      [0, 1, 0.5, 4],
      [1, 0, 0.025, mean],
      [0, 1, 0, -1.5],
    ];
    await expectProbabilities(lines, table, rows, ["no", "yes"]);
  });

  test("writes CSV with class names, to a file that it does not overwrite unasked", async () => {
    const data = file("one.csv", `"a ""b""";city;share\n4;Rome;50 %\n`);
    const { code, stdout } = await runInProcess(["predict", table, data]);
    const [heading, row, end] = stdout.split("\r\n");
    expect([code, heading, end]).toEqual([0, "prediction,probability_no,probability_yes", ""]);
    const [{ prediction, probabilities }] = await predicted(table, data);
    expect(row).toBe([prediction, ...Object.values(probabilities ?? {})].join(","));
    const out = join(folder, "out.csv");
    expect(await runInProcess(["predict", table, data, "--out", out])).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
    expect(readFileSync(out, "utf8")).toBe(stdout);
    const again = await runInProcess(["predict", table, data, "--out", out]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining(out)]);
    expect((await runInProcess(["predict", table, data, "--out", out, "--force"])).code).toBe(0);
  });

  test("writes the number of a regression", async () => {
    const lines = await predicted(regression, file("x.csv", "x\n3\n-2.5\n"));
    const expected = await outputsOf(regression, [[3], [-2.5]]);
    for (const [i, { prediction, probabilities }] of lines.entries()) {
      expect(probabilities).toBeUndefined();
      expect(Math.abs((prediction as number) - expected[i][0])).toBeLessThan(1e-6);
    }
    const { stdout } = await runInProcess(["predict", regression, join(folder, "x.csv")]);
    expect(stdout.split("\r\n")[0]).toBe("prediction");
  });

  test("writes several numbers by column, from tables with and without labels", async () => {
    const rows = Array.from({ length: 8 }, (_, i) => `${i},${2 * i},${-i}`).join("\n");
    const run = await trained(
      "several",
      file("several.csv", `x,up,down\n${rows}\n`),
      ...["--label-column", "up,down", "--model", "logistic", "--loss", "meanSquaredError"],
    );
    const summary = JSON.parse(readFileSync(join(run, "summary.json"), "utf8"));
    expect(summary.dataRead).toContain("2 numbers to predict (up, down)");
    const outputs = await outputsOf(run, [[3], [-2.5]]);
    const unlabelled = file("x-only.csv", "x\n3\n-2.5\n");
    const lines = (await predicted(run, unlabelled)) as { prediction: unknown }[];
    for (const [i, { prediction }] of lines.entries()) {
      for (const [k, value] of (prediction as number[]).entries()) {
        expect(Math.abs(value - outputs[i][k])).toBeLessThan(1e-6);
      }
    }
    const labelled = file("x-labelled.csv", "down,x,up\n0,3,0\n0,-2.5,0\n");
    expect(await predicted(run, labelled)).toEqual(lines);
    const { code, stdout } = await runInProcess(["evaluate", run, "--data", labelled, "--json"]);
    const squares = outputs.flat().reduce((sum, value) => sum + value ** 2, 0) / 4;
    expect([code, Math.abs(JSON.parse(stdout).testLoss - squares) < 1e-4]).toEqual([0, true]);
  });

  test("reads LIBSVM with indices from where the data to train on had them, labelled or not", async () => {
    // Indices from 0, although this file has no index 0.
    const lines = await predicted(libsvm, file("new.svm", "1:2 2:1\n7 1:5\n"));
    const rows = [
      [0, 2, 1],
      [0, 5, 0],
    ];
    await expectProbabilities(lines, libsvm, rows, ["-1", "1"]);
  });

  test("reads an array without labels beside it, in the order of its rows", async () => {
    mkdirSync(join(folder, "alone"));
    const rows = Array.from({ length: 301 }, (_, i) => [i / 100, 1 - i / 50]);
    const lines = await predicted(arrays, npy("alone/x.npy", [rows.length, 2], rows.flat()));
    await expectProbabilities(lines, arrays, rows, ["0", "1", "2"]);
  });

  const heading = `"a ""b""";city;share`;
  test.each([
    [
      "an unknown word",
      "table",
      "t1.csv",
      `${heading}\n4;Rome;5 %\n4;Bonn;5 %\n`,
      ["line 3", "city", "Bonn"],
    ],
    ["a missing column", "table", "t2.csv", "city;share\nRome;5 %\n", ["line 1", 'a "b"']],
    ["another separator", "table", "t3.csv", '"a ""b""",city,share\n4,Rome,5 %\n', ["line 1", "semicolon"]],
    [
      "a share without its percent sign",
      "table",
      "t4.csv",
      `${heading}\n4;Rome;5\n`,
      ["line 2", "share", "5"],
    ],
    [
      "a percentage among numbers",
      "table",
      "t5.csv",
      `${heading}\n4 %;Rome;5 %\n`,
      ["line 2", 'a "b"', "4 %"],
    ],
    ["a word among numbers", "table", "t6.csv", `${heading}\nfour;Rome;5 %\n`, ["line 2", 'a "b"', "four"]],
    ["a table of another form", "libsvm", "t7.csv", "a,b\n1,2\n", ["LIBSVM", "table"]],
    ["an index beyond the width", "libsvm", "t8.svm", "0:1\n0:1 3:1\n", ["line 2", "3:1"]],
    ["LIBSVM for a table", "table", "t9.svm", "1 1:1\n", ["table"]],
  ])("refuses %s by file, line and column", async (_, run, name, content, parts) => {
    const data = file(name, content);
    const { code, stderr, stdout } = await runInProcess(["predict", { libsvm, table }[run] as string, data]);
    expect([code, stdout]).toEqual([2, ""]);
    for (const part of [data, ...parts]) expect(stderr.replaceAll("\\", "")).toContain(part);
  });

  test("refuses an array of another width", async () => {
    const data = npy("alone/wide.npy", [2, 3], [1, 2, 3, 4, 5, 6]);
    const { code, stderr } = await runInProcess(["predict", arrays, data]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("[3]")]);
    expect(stderr).toContain(data);
  });
});

describe("yf-async evaluate", () => {
  const labelled = `bought;"a ""b""";city;share\nno;4;Rome;50 %\nyes;;Oslo;2,5 %\nyes;-1,5;Rome;0 %\n`;

  async function evaluated(...args: readonly string[]): Promise<{ testLoss: number; testAccuracy: number }> {
    const { code, stderr, stdout } = await runInProcess(["evaluate", ...args, "--json"]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("Cannot")]);
    return JSON.parse(stdout);
  }

  test("tests on other data, whose loss is the mean over what predict says", async () => {
    const data = file("labelled.csv", labelled);
    const { testAccuracy, testLoss } = await evaluated(table, "--data", data);
    const lines = await predicted(table, data);
    const truth = ["no", "yes", "yes"];
    const losses = lines.map(({ probabilities = {} }, i) => -Math.log(probabilities[truth[i]]));
    expect(Math.abs(testLoss - losses.reduce((a, b) => a + b) / 3)).toBeLessThan(1e-6);
    expect(testAccuracy).toBeCloseTo(lines.filter(({ prediction }, i) => prediction === truth[i]).length / 3);
  });

  test("tests a regression by the mean of squares", async () => {
    const { testLoss } = await evaluated(regression, "--data", file("xy.csv", "x,price\n3,1\n-2.5,7\n"));
    const [[a], [b]] = await outputsOf(regression, [[3], [-2.5]]);
    expect(Math.abs(testLoss - ((a - 1) ** 2 + (b - 7) ** 2) / 2)).toBeLessThan(1e-4);
  });

  test("tests on LIBSVM and on arrays", async () => {
    const svm = await evaluated(libsvm, "--data", file("labelled.svm", "-1 1:2 2:1\n+1 1:5\n"));
    const [first, second] = await predicted(libsvm, join(folder, "labelled.svm"));
    const mean =
      -(Math.log(first.probabilities?.["-1"] ?? 0) + Math.log(second.probabilities?.["1"] ?? 0)) / 2;
    expect(Math.abs(svm.testLoss - mean)).toBeLessThan(1e-6);
    mkdirSync(join(folder, "pair"));
    npy("pair/y.npy", [2], [2, 0]);
    const x = npy("pair/x.npy", [2, 2], [0.5, 1, -1, 2]);
    const [one, two] = await predicted(arrays, x);
    const { testLoss } = await evaluated(arrays, "--data", x);
    const expected = -(Math.log(one.probabilities?.["2"] ?? 0) + Math.log(two.probabilities?.["0"] ?? 0)) / 2;
    expect(Math.abs(testLoss - expected)).toBeLessThan(1e-6);
  });

  test.each([
    ["a class that the model does not have", `${labelled}maybe;1;Rome;0 %\n`, ["line 5", "bought", "maybe"]],
    ["labels that are missing", `"a ""b""";city;share\n4;Rome;5 %\n`, ["line 1", "bought"]],
  ])("refuses %s by file, line and column", async (_, content, parts) => {
    const data = file("unfit.csv", content);
    const { code, stderr, stdout } = await runInProcess(["evaluate", table, "--data", data]);
    expect([code, stdout]).toEqual([2, ""]);
    for (const part of [data, ...parts]) expect(stderr).toContain(part);
  });

  test("finds relative paths of a run from another folder, and a run resumes from there", async () => {
    const from = process.cwd();
    const data = join(folder, "moved");
    mkdirSync(join(data, "elsewhere"), { recursive: true });
    file("moved/train.csv", "x,y\n1,a\n2,b\n3,a\n4,b\n");
    file("moved/test.csv", "x,y\n1,a\n5,b\n");
    try {
      process.chdir(data);
      await trained("moved/run", "train.csv", "--test-data", "test.csv", "--model", "logistic");
      const here = await evaluated("run");
      process.chdir("elsewhere");
      expect(await evaluated("../run")).toEqual(here);
      const resumed = await runInProcess(["train", "--resume", "../run", "--updates", "30", "--json"]);
      expect([resumed.code, resumed.stderr]).toEqual([0, expect.not.stringContaining("Cannot")]);
      expect(JSON.parse(resumed.stdout)).toMatchObject({ updates: 30, data: "../train.csv" });
      // Fewer updates than there are leave nothing to do, which is said.
      const over = await runInProcess([
        "train",
        "--resume",
        "../run",
        "--updates",
        "25",
        "--quiet",
        "--json",
      ]);
      expect([over.code, JSON.parse(over.stdout).updates]).toEqual([0, 30]);
      expect(over.stderr).toMatch(/made 30 updates already and ends after 25.*--updates/);
    } finally {
      process.chdir(from);
    }
  });

  test("runs no module that a summary names unless it is named on the command line", async () => {
    const ran = join(folder, "ran");
    const module = file(
      "strange.mjs",
      `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(ran)}, "");`,
    );
    const strange = join(folder, "strange");
    cpSync(table, strange, { recursive: true });
    const summary = JSON.parse(readFileSync(join(table, "summary.json"), "utf8"));
    const named = { ...summary, dataOptions: { ...summary.dataOptions, model: module }, model: module };
    file("strange/summary.json", JSON.stringify(named));
    // The model that the run left is data, so it needs no module where the loss has a name.
    expect(await evaluated(strange, "--data", file("labelled.csv", labelled))).toEqual(
      await evaluated(table, "--data", join(folder, "labelled.csv")),
    );
    file("strange/summary.json", JSON.stringify({ ...named, loss: null }));
    const refused = await runInProcess(["evaluate", strange]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(`--model ${module}`)]);
    expect(existsSync(ran)).toBe(false);
    await runInProcess(["evaluate", strange, "--model", module]);
    expect(existsSync(ran)).toBe(true);
  });
});
