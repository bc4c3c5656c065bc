import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { lossNames } from "../../src/tfjs/losses.ts";
import type { BuiltInModelOptions } from "../../src/tfjs/models/build-model.ts";
import { findModel } from "../../src/tfjs/models/find-model.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { train } from "../../src/train.ts";
import { blobSplit } from "../train/tiny.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-module-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)) as `${string}.mjs`;
async function resolveModel(file: string, options: BuiltInModelOptions) {
  const { loss, make, variables } = await findModel(file);
  return { loss, model: await make(options), variables };
}

const told = { inputShape: [6], classes: 4, seed: 3 };

describe("a module that exports a model", () => {
  test("may export a function that is told shape, classes and seed", async () => {
    const { loss, model, variables } = await resolveModel(fixture("builder.mjs"), told);
    expect(model).toBeInstanceOf(layers.LayersModel);
    expect((model as layers.LayersModel).countParams()).toBe(6 * 4 + 4);
    expect({ loss, variables }).toEqual({ loss: "sparseSoftmaxCrossEntropy", variables: [] });
    const kernel = (seed: number) =>
      resolveModel(fixture("builder.mjs"), { ...told, seed }).then((made) =>
        readWeights(made.model as layers.LayersModel).flat.slice(0, 24),
      );
    expect(await kernel(3)).toEqual(await kernel(3));
    expect(await kernel(3)).not.toEqual(await kernel(4));
  });

  test("may export a loss for each output, whose names and weights are checked", async () => {
    const module = (name: string, loss: string) => {
      const file = join(folder, name);
      const from = JSON.stringify(fixture("builder.mjs"));
      writeFileSync(file, `export { model } from ${from};\nexport const loss = ${loss};\n`);
      return resolveModel(file, told);
    };
    const loss = { kind: "hinge", size: { loss: "meanSquaredError", weight: 0.5 } };
    expect((await module("losses.mjs", JSON.stringify(loss))).loss).toEqual(loss);
    expect((await module("list.mjs", '["hinge", "hinge"]')).loss).toEqual(["hinge", "hinge"]);
    await expect(module("unknown.mjs", '{ kind: "l2" }')).rejects.toThrow(
      /^Cannot use the loss: must be a function or one of .* \(got "l2"\)$/,
    );
  });

  const regressions = ["regression.mjs", "regression-function.mjs", "regression-scalars.mjs"];
  test.each(regressions.flatMap((module) => ["values.csv", "values.svm"].map((name) => [module, name])))(
    "has numbers for labels where its model gives one: %s of %s",
    async (module, name) => {
      const data = join(folder, name) as `${string}.csv`;
      // Labels 3, 5, 7, …, which a table of classes would number 0, 1, 2.
      const row = (i: number) => (name.endsWith("csv") ? `${i / 8},${3 + 2 * i}` : `${3 + 2 * i} 1:${i / 8}`);
      writeFileSync(data, Array.from({ length: 16 }, (_, i) => `${row(i)}\n`).join(""));
      const options = { data, model: fixture(module), workers: 1, batchSize: 16, maxUpdates: 1 } as const;
      const { summary, variables } = await train(options);
      // Zero weights predict 0: the mean square of the labels is (3² + 5² + … + 33²) / 16 = 409.
      expect(summary.trainLoss).toBeCloseTo(409, 3);
      // Node.js reads the module once for all tests.
      for (const variable of variables) variable.assign(tf.zerosLike(variable));
    },
  );

  test("has the labels of a named loss where that is the same one", async () => {
    const data = join(folder, "same.csv") as `${string}.csv`;
    writeFileSync(data, Array.from({ length: 16 }, (_, i) => `${i / 8},${3 + 2 * i}\n`).join(""));
    const options = {
      data,
      model: fixture("regression.mjs"),
      workers: 1,
      batchSize: 16,
      maxUpdates: 1,
    } as const;
    const own = await train(options);
    const named = await train({ ...options, loss: "meanSquaredError" });
    expect(named.summary.trainLoss).toBe(own.summary.trainLoss);
  });

  test("is trained by its path, with its own loss, and its variables come back", async () => {
    const { model, summary, variables } = await train({
      model: fixture("function.mjs"),
      data: blobSplit,
      workers: 1,
      batchSize: 16,
      maxUpdates: 60,
    });
    expect(model).toBeTypeOf("function");
    expect(variables.map(({ name }) => name)).toEqual(["weights"]);
    // Zero weights give ln 4 = 1.386.
    expect(summary.trainLoss).toBeLessThan(1);
    expect(summary).toMatchObject({ loss: null, model: fixture("function.mjs") });
  });
});

/** Text of a module; the rule that its error names, and what was received. */
const wrong: readonly [string, string, string, string][] = [
  ["throws", 'throw new Error("no\\nluck");', "must not throw", "no"],
  [
    "empty",
    "export const other = 1;",
    "must export model, a LayersModel of this package's copy of TensorFlow.js or a function that returns one",
    "nothing",
  ],
  [
    "object",
    "export const model = { layers: [] };",
    "must export model, a LayersModel of this package's copy of TensorFlow.js or a function that returns one",
    "an object of class Object",
  ],
  ["returns", "export const model = () => 3;", "its function model must return a LayersModel", "a number"],
  [
    "throws-later",
    'export const model = async () => { throw new RangeError("seven layers"); };',
    "its function model must not throw",
    "seven layers",
  ],
  [
    "variables",
    "export const model = (x) => x; export const variables = [1];",
    "its export variables must be an array of tf.Variable",
    "an array",
  ],
  [
    "no-function",
    "export const model = 1; export const variables = [];",
    "beside variables its export model must be a function",
    "a number",
  ],
];

describe("a module that cannot be used", () => {
  test.each(wrong)("%s", async (name, text, rule, received) => {
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, text);
    await expect(resolveModel(file, told)).rejects.toMatchObject({
      code: "BAD_MODEL",
      message: `Cannot use the module ${file}: ${rule} (got "${received}")`,
    });
  });

  test("has a loss of no kind", async () => {
    const file = join(folder, "loss.mjs");
    writeFileSync(file, 'export const model = () => 3; export const loss = "l2";');
    await expect(resolveModel(file, told)).rejects.toMatchObject({
      code: "BAD_LOSS",
      message: `Cannot use the module ${file}: its export loss must be a function or one of ${lossNames.join(", ")} (got "l2")`,
    });
  });

  test("is not there", async () => {
    const file = join(folder, "nowhere.mjs");
    await expect(resolveModel(file, told)).rejects.toMatchObject({
      code: "BAD_MODEL",
      message: `Cannot use the module ${file}: must exist`,
    });
  });
});
