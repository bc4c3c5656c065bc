import { describe, expect, test } from "vitest";
import { corpus } from "./corpus.ts";
import { expectTrainsLikeTensorflow } from "./train-like-tensorflow.ts";

describe("twenty steps from the same weights end where TensorFlow.js's own training ends", () => {
  for (const [name, model] of Object.entries(corpus)) {
    if (!model.slow) test(name, () => expectTrainsLikeTensorflow(model));
  }
});

test("the corpus has at least 25 models", () => {
  expect(Object.keys(corpus).length).toBeGreaterThanOrEqual(25);
});
