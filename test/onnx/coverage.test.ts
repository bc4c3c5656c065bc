import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { layers } from "../../src/tfjs/tf.ts";
import { coverage, coverageFile } from "./coverage.ts";
import { layerExamples, notLayers } from "./layer-examples.ts";

test("the table of what can be trained is what `npm run coverage` writes", () => {
  expect(readFileSync(coverageFile, "utf8")).toBe(coverage());
});

test("the table has every layer of tf.layers", () => {
  const listed = Object.keys(layerExamples).flatMap((names) => names.split(", "));
  const all = Object.keys(layers.layers).filter((name) => !notLayers.includes(name));
  expect(all.filter((name) => !listed.includes(name))).toEqual([]);
});
