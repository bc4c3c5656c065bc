import { describe, test } from "vitest";
import { corpus } from "./corpus.ts";
import { expectTrainsLikeTensorflow } from "./train-like-tensorflow.ts";

describe("twenty steps from the same weights end where TensorFlow.js's own training ends", () => {
  for (const [name, model] of Object.entries(corpus)) {
    if (model.slow) test(name, () => expectTrainsLikeTensorflow(model));
  }
});
