/** What a model is trained for where no loss is given: its last activation and the labels say it, and the run tells. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { resolveOptions } from "../../src/options/resolve-options.ts";
import type { Task } from "../../src/task/compile-programs.ts";
import { prepareTask } from "../../src/task/prepare-task.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { train } from "../../src/train.ts";

const folder = mkdtempSync(join(tmpdir(), "default-loss-"));
afterAll(() => rmSync(folder, { recursive: true }));

const features = [
  [0, 1],
  [1, 0],
  [0, 2],
  [2, 0],
];
const dense = (units: number, activation?: "sigmoid" | "softmax", more: object = {}) =>
  layers.layers.dense({ units, name: "out", ...(activation ? { activation } : {}), ...more });
const model = (units: number, activation?: "sigmoid" | "softmax") =>
  layers.sequential({ layers: [dense(units, activation, { inputShape: [2] })] });

const { spec } = resolveOptions({}, "library");
const prepared = (given: Task["model"], labels: unknown) =>
  prepareTask({ model: given, data: { train: { features, labels } as never } }, spec);

test.each([
  ["class indices and a softmax", model(3, "softmax"), [0, 1, 2, 1], "sparseCategoricalCrossentropy"],
  [
    "one-hot rows and a softmax",
    model(2, "softmax"),
    [
      [0, 1],
      [1, 0],
      [0, 1],
      [1, 0],
    ],
    "categoricalCrossentropy",
  ],
  ["answers and a sigmoid", model(1, "sigmoid"), [0, 1, 1, 0], "binaryCrossentropy"],
  ["answers in columns and a sigmoid", model(1, "sigmoid"), [[0], [1], [1], [0]], "binaryCrossentropy"],
  ["shares and a sigmoid", model(1, "sigmoid"), [0, 0.25, 1, 0.5], "binaryCrossentropy"],
  [
    "several answers and sigmoids",
    model(2, "sigmoid"),
    [
      [1, 1],
      [0, 0],
      [0, 1],
      [1, 0],
    ],
    "binaryCrossentropy",
  ],
  ["class indices and logits", model(3), [0, 1, 2, 1], "sparseSoftmaxCrossEntropy"],
])("for %s the loss is chosen, and told", async (_, given, labels, loss) => {
  const task = await prepared(given, labels);
  expect(task.loss).toBe(loss);
  const [note, ...others] = task.data.notes ?? [];
  expect(others).toEqual([]);
  expect(note).toMatch(new RegExp(`^No loss is given: ${loss} `));
});

test("the activation is found in a layer of its own, in a nested model, behind a reshape, and in a function", async () => {
  const softmax = layers.sequential({
    layers: [dense(3, undefined, { inputShape: [2] }), layers.layers.softmax()],
  });
  const nested = layers.sequential({ layers: [model(3, "softmax")] });
  const reshaped = layers.sequential({
    layers: [dense(1, "sigmoid", { inputShape: [2] }), layers.layers.reshape({ targetShape: [1, 1] })],
  });
  expect((await prepared(softmax, [0, 1, 2, 1])).loss).toBe("sparseCategoricalCrossentropy");
  expect((await prepared(nested, [0, 1, 2, 1])).loss).toBe("sparseCategoricalCrossentropy");
  expect((await prepared(reshaped, [0, 1, 1, 0])).loss).toBe("binaryCrossentropy");
  const kernel = tf.variable(tf.zeros([2, 1]));
  const { loss } = await prepareTask(
    {
      model: (x) => tf.sigmoid(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D)),
      variables: [kernel],
      data: { train: { features, labels: [0, 1, 1, 0] } },
    },
    spec,
  );
  expect(loss).toBe("binaryCrossentropy");
});

test("each of several outputs has its own, whatever the order of the labels", async () => {
  const input = layers.input({ shape: [2] });
  const named = (units: number, activation: "sigmoid" | "softmax", name: string) =>
    layers.layers.dense({ units, activation, name }).apply(input) as layers.SymbolicTensor;
  const two = layers.model({
    inputs: input,
    outputs: [named(3, "softmax", "kind"), named(1, "sigmoid", "sick")],
  });
  const task = await prepared(two, { sick: [0, 1, 1, 0], kind: [0, 1, 2, 1] });
  expect(task.loss).toEqual(["sparseCategoricalCrossentropy", "binaryCrossentropy"]);
});

test.each([
  ["numbers behind a sigmoid", model(1, "sigmoid"), [0.5, 3, 2, 1]],
  ["class indices behind sigmoids", model(3, "sigmoid"), [0, 1, 2, 1]],
  ["numbers behind a softmax", model(3, "softmax"), [0.5, 1.5, 2.5, 1]],
])("%s leave no loss to choose", async (_, given, labels) => {
  await expect(prepared(given, labels)).rejects.toMatchObject({
    code: "BAD_LOSS",
    message: expect.stringContaining("of layer out"),
  });
});

test("train() tells of the loss, trains with it and names it in the summary", async () => {
  const texts: string[] = [];
  const run = async (loss?: "binaryCrossentropy") => {
    const own = model(1, "sigmoid");
    own.setWeights([tf.tensor2d([[1], [-1]]), tf.tensor1d([0.5])]);
    const { summary } = await train({
      model: own,
      data: { train: { features, labels: [0, 1, 1, 0] } },
      ...(loss === undefined ? {} : { loss }),
      mode: "serial",
      engine: "reference",
      optimizer: "sgd",
      batchSize: 4,
      maxUpdates: 3,
      callbacks: { onEvent: ({ text }) => void texts.push(text) },
    });
    return { loss: summary.loss, weights: own.getWeights().map((weight) => [...weight.dataSync()]) };
  };
  const byDefault = await run();
  expect(byDefault.loss).toBe("binaryCrossentropy");
  expect(texts.filter((text) => text.includes("binaryCrossentropy"))).toHaveLength(1);
  expect(await run("binaryCrossentropy")).toEqual(byDefault);
});

test("two words of a table are the answers no and yes of a binary cross entropy, given or chosen", async () => {
  const file = join(folder, "answers.csv");
  writeFileSync(file, "a,b,answer\n0,1,no\n1,0,yes\n0,2,no\n2,0,yes\n");
  const options = resolveOptions({ data: file }, "library").spec;
  const chosen = await prepareTask({ model: model(1, "sigmoid") }, options);
  const given = await prepareTask({ model: model(1, "sigmoid"), loss: "binaryCrossentropy" }, options);
  expect(chosen.loss).toBe("binaryCrossentropy");
  for (const { data } of [chosen, given]) {
    expect([...data.train.labels[0].data]).toEqual([0, 1, 0, 1]);
    expect(data.train.labels[0].classNames).toEqual(["no", "yes"]);
  }
});
