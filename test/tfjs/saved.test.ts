/** Models in files: what is saved is what is loaded, here and by TensorFlow.js itself, and damage is named. */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataDescription } from "../../src/formats/data-description.ts";
import { loadModel } from "../../src/tfjs/saved/load-model.ts";
import { saveModel } from "../../src/tfjs/saved/save-model.ts";
import { loadWeights, saveWeights } from "../../src/tfjs/saved/weights-file.ts";
import { layers, tf } from "../../src/tfjs/tf.ts";
import { readWeights } from "../../src/tfjs/weights.ts";

const folder = mkdtempSync(join(tmpdir(), "yf-async-saved-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function smallModel(): layers.LayersModel {
  const { batchNormalization, conv2d, dense, flatten } = layers.layers;
  return layers.sequential({
    name: "small",
    layers: [
      conv2d({ name: "conv", inputShape: [6, 6, 1], filters: 3, kernelSize: 3 }),
      // Its moving statistics are saved though they are not trained.
      batchNormalization({ name: "norm", movingVarianceInitializer: "randomUniform" }),
      flatten(),
      dense({ name: "out", units: 4 }),
    ],
  });
}

function predict(model: layers.LayersModel, shape: readonly number[]): number[] {
  return tf.tidy(() => {
    const x = tf
      .linspace(
        -1,
        1,
        shape.reduce((a, b) => a * b),
      )
      .reshape([...shape]);
    return [...(model.predict(x) as tf.Tensor).dataSync()];
  });
}

const file = join(folder, "model.json");
const original = smallModel();

beforeAll(async () => {
  await saveModel(original, folder);
});

describe("saveModel()", () => {
  test("writes what loadModel() reads back, weights that are not trained included", async () => {
    const model = await loadModel(file);
    expect(predict(model, [2, 6, 6, 1])).toEqual(predict(original, [2, 6, 6, 1]));
    expect(readWeights(model)).toEqual(readWeights(original));
  });

  test("writes what TensorFlow.js reads with its own loader", async () => {
    const json = JSON.parse(readFileSync(file, "utf8")) as tf.io.ModelJSON;
    const artifacts = await tf.io.getModelArtifactsForJSON(json, async (manifest) => [
      manifest.flatMap(({ weights }) => weights),
      Uint8Array.from(
        Buffer.concat(manifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(folder, path))))),
      ).buffer,
    ]);
    const model = await layers.loadLayersModel(tf.io.fromMemory(artifacts));
    expect(predict(model, [2, 6, 6, 1])).toEqual(predict(original, [2, 6, 6, 1]));
  });

  test("keeps metadata of the model, and names classes and features beside them", async () => {
    const described = join(folder, "described");
    const model = smallModel();
    model.setUserDefinedMetadata({ licence: "MIT", classNames: ["stale"] });
    const column = { name: null, shape: [3], layout: null, scale: 1, offset: 0 } as const;
    const fields = [
      { name: "age", words: null },
      { name: "city", words: ["Bonn", "Köln"] },
    ];
    const description: DataDescription = {
      trainExamples: 2,
      testExamples: 0,
      inputs: [{ ...column, dtype: "float32", stored: "float32", classNames: null, fields }],
      targets: [
        { ...column, shape: [], dtype: "int32", stored: "int32", classNames: ["no", "yes"], fields: null },
      ],
      reading: null,
    };
    await saveModel(model, described, description);
    // What TensorFlow.js itself has of it, once it is loaded.
    const loaded = await loadModel(join(described, "model.json"));
    expect(loaded.getUserDefinedMetadata()).toEqual({
      licence: "MIT",
      classNames: ["no", "yes"],
      featureNames: ["age", "city=Bonn", "city=Köln"],
      dataDescription: description,
    });
    const again = join(folder, "again");
    await saveModel(loaded, again);
    expect((await loadModel(join(again, "model.json"))).getUserDefinedMetadata()).toMatchObject({
      classNames: ["no", "yes"],
    });
  });

  test("cuts weights into shards of four MiB", async () => {
    const large = join(folder, "large");
    const units = 1100;
    const dense = layers.layers.dense({ inputShape: [1000], units, kernelInitializer: "zeros" });
    const model = layers.sequential({ layers: [dense] });
    dense.setWeights([tf.linspace(-1, 1, 1000 * units).reshape([1000, units]), tf.linspace(2, 3, units)]);
    // 4·(1000·1100 + 1100) bytes are 4,404,400: one shard of 2²² = 4,194,304 and the rest.
    expect(await saveModel(model, large)).toEqual([
      "group1-shard1of2.bin",
      "group1-shard2of2.bin",
      "model.json",
    ]);
    expect(statSync(join(large, "group1-shard2of2.bin")).size).toBe(4_404_400 - 2 ** 22);
    const [saved, loaded] = [model, await loadModel(join(large, "model.json"))].map((of) =>
      Buffer.from(readWeights(of).flat.buffer),
    );
    expect(loaded.equals(saved)).toBe(true);
  });

  test("refuses a layer without a configuration", async () => {
    class Nameless extends layers.layers.Layer {
      static readonly className = "Nameless";
      override getConfig(): never {
        throw new Error("nothing to say");
      }
    }
    const model = layers.sequential({ layers: [new Nameless({ inputShape: [2] })] });
    await expect(saveModel(model, folder)).rejects.toMatchObject({
      code: "BAD_MODEL",
      message: `Cannot save the model ${model.name}: every layer must have a configuration (got "nothing to say")`,
    });
  });
});

/** A copy of the saved model with another entry in its JSON. */
function changed(name: string, change: (json: Record<string, never>) => void): string {
  const json = JSON.parse(readFileSync(file, "utf8"));
  change(json);
  const copy = join(folder, `${name}.json`);
  writeFileSync(copy, JSON.stringify(json));
  return copy;
}

type Json = {
  weightsManifest: { paths: string[]; weights: { dtype: string; name: string; shape: number[] }[] }[];
  modelTopology: { config: { layers: { class_name: string }[] } };
  format: string;
};
const change = (name: string, edit: (json: Json) => void) =>
  changed(name, (json) => edit(json as unknown as Json));

const shard = "group1-shard1of1.bin";
// conv 3·3·3 + 3, norm 4·3, out 48·4 + 4: 250 numbers of 4 bytes
const bytes = 4 * (30 + 12 + 4 * 4 * 3 * 4 + 4);

const damaged: readonly [string, () => string, string][] = [
  [
    "a shard that is missing",
    () => change("missing", ({ weightsManifest: [group] }) => group.paths.push("group1-shard2of2.bin")),
    "its weight file group1-shard2of2.bin must be readable (got \"ENOENT: no such file or directory, open '",
  ],
  [
    "a shard that is short",
    () => {
      copyFileSync(join(folder, shard), join(folder, "short.bin"));
      truncateSync(join(folder, "short.bin"), bytes - 1);
      return change("short", ({ weightsManifest: [group] }) => {
        group.paths = ["short.bin"];
      });
    },
    `its weights in short.bin take exactly ${bytes} bytes (got ${bytes - 1})`,
  ],
  [
    "a shard outside its folder",
    () =>
      change("outside", ({ weightsManifest: [group] }) => {
        group.paths = ["../secrets"];
      }),
    'every weight file must be in the folder of the model (got "../secrets")',
  ],
  [
    "a weight of text",
    () =>
      change("text", ({ weightsManifest: [group] }) => {
        group.weights[0].dtype = "string";
      }),
    'the weight conv/kernel must be of one of the types float32, int32, bool, uint8, uint16, float16, complex64 (got "string")',
  ],
  [
    "a weight that claims more than there is",
    () =>
      change("huge", ({ weightsManifest: [group] }) => {
        group.weights[0].shape = [1e9, 1e9];
      }),
    `its weights in ${shard} take exactly 40000000000000`,
  ],
  [
    "a layer of an unknown class",
    () =>
      change("class", ({ modelTopology }) => {
        modelTopology.config.layers[1].class_name = "Mamba";
      }),
    'every layer must be of a class that TensorFlow.js knows (a module can register others) (got "Mamba of layer norm")',
  ],
  [
    "a layer with a wrong configuration",
    () =>
      change("configuration", ({ modelTopology }) => {
        (modelTopology.config.layers[3] as unknown as { config: { units: number } }).config.units = -4;
      }),
    "TensorFlow.js must accept it (got ",
  ],
  [
    "weights that no layer has",
    () =>
      change("weights", ({ weightsManifest: [group] }) => {
        group.weights[0].name = "other/kernel";
      }),
    "TensorFlow.js must accept it (got ",
  ],
  [
    "a graph model",
    () =>
      change("graph", (json) => {
        json.format = "graph-model";
      }),
    'must be saved from a LayersModel, with the format layers-model (got "graph-model")',
  ],
  [
    "no topology",
    () => changed("topology", (json) => Reflect.deleteProperty(json, "modelTopology")),
    'must have a modelTopology (got "undefined")',
  ],
  [
    "half a file",
    () => {
      copyFileSync(file, join(folder, "half.json"));
      truncateSync(join(folder, "half.json"), 100);
      return join(folder, "half.json");
    },
    "must be a readable file of JSON (got ",
  ],
  [
    "no file",
    () => join(folder, "nowhere.json"),
    "must be a readable file of JSON (got \"ENOENT: no such file or directory, open '",
  ],
];

describe("loadModel() refuses", () => {
  test.each(damaged)("%s", async (_, make, message) => {
    const damagedFile = make();
    const failure = loadModel(damagedFile);
    await expect(failure).rejects.toMatchObject({ code: "BAD_MODEL", details: { file: damagedFile } });
    await expect(failure).rejects.toThrow(`Cannot load the model ${damagedFile}: ${message}`);
  });
});

describe("saveWeights()", () => {
  test("writes what loadWeights() puts into another model of the same layers", () => {
    const weights = join(folder, "small.safetensors");
    saveWeights(original, weights);
    const other = smallModel();
    expect(readWeights(other).flat).not.toEqual(readWeights(original).flat);
    loadWeights(other, weights);
    expect(readWeights(other)).toEqual(readWeights(original));
  });

  test("leaves a model of other layers as it was", () => {
    const weights = join(folder, "other.safetensors");
    saveWeights([tf.variable(tf.ones([2]), true, "w")], weights);
    const before = readWeights(original);
    expect(() => loadWeights(original, weights)).toThrow(
      'Cannot use the saved weights: the model\'s weight conv/kernel has the shape [3, 3, 1, 3] (got "no such tensor")',
    );
    expect(readWeights(original)).toEqual(before);
  });

  const hasPython = spawnSync("python3", ["-c", "import safetensors, numpy"]).status === 0;
  test.skipIf(!hasPython)(
    "writes what Python's safetensors reads (needs python3 with safetensors and numpy)",
    () => {
      const weights = join(folder, "python.safetensors");
      saveWeights(original, weights, { note: "for Python" });
      const program = [
        "import json, sys",
        "from safetensors import safe_open",
        "with safe_open(sys.argv[1], 'np') as f:",
        "    names = sorted(f.keys())",
        "    print(json.dumps([f.metadata(), [[n, list(f.get_tensor(n).shape), f.get_tensor(n).ravel().tolist()] for n in names]]))",
      ].join("\n");
      const { stdout } = spawnSync("python3", ["-c", program, weights], { encoding: "utf8" });
      const [metadata, tensors] = JSON.parse(stdout) as [object, [string, number[], number[]][]];
      expect(metadata).toEqual({ format: "yf-async", note: "for Python" });
      const { flat, names, shapes } = readWeights(original);
      let offset = 0;
      const expected = names.map((name, i) => {
        const from = offset;
        offset += shapes[i].reduce((a, b) => a * b, 1);
        return [name, shapes[i], [...flat.subarray(from, offset)]];
      });
      expect(tensors).toEqual(expected.toSorted(([a], [b]) => (`${a}` < `${b}` ? -1 : 1)));
    },
  );
});

describe("two nested models with layers of one name", () => {
  function towers(): layers.LayersModel {
    const tower = (name: string) =>
      layers.sequential({ name, layers: [layers.layers.dense({ name: "fc", units: 1, inputShape: [2] })] });
    const input = layers.input({ shape: [2] });
    const outputs = ["left", "right"].map((name) => tower(name).apply(input) as never);
    const sum = layers.layers.add().apply(outputs) as never;
    const own = layers.layers.dense({ name: "fc", units: 1 }).apply(sum) as never;
    return layers.model({ inputs: input, outputs: own });
  }
  const names = [
    "left/fc/kernel",
    "left/fc/bias",
    "right/fc/kernel",
    "right/fc/bias",
    "fc/kernel",
    "fc/bias",
  ];

  test("have names of their own in a weights file, which another model of the kind reads", () => {
    const saved = towers();
    expect(readWeights(saved).names).toEqual(names);
    const path = join(folder, "towers.safetensors");
    saveWeights(saved, path);
    const loaded = towers();
    loadWeights(loaded, path);
    expect(readWeights(loaded)).toEqual(readWeights(saved));
  });

  test("keep their names where one of them is frozen", () => {
    const model = towers();
    model.getLayer("right").trainable = false;
    expect(readWeights(model).names).toEqual(names.filter((name) => !name.startsWith("right")));
  });

  test("are refused by name in model.json, which TensorFlow.js could not load", async () => {
    await expect(saveModel(towers(), join(folder, "towers"))).rejects.toMatchObject({
      code: "BAD_MODEL",
      details: { names: ["fc/kernel", "fc/bias"] },
    });
    expect(existsSync(join(folder, "towers"))).toBe(false);
  });
});
