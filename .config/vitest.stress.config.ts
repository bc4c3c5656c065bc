import { defineConfig } from "vitest/config";
import defaults, { stressTests } from "./vitest.config.ts";

const { include: _, exclude: __, reporters: ___, ...test } = defaults.test ?? {};

/** Proofs that take longer than anyone waits for: one file at a time, with the machine to itself. */
export default defineConfig({
  test: {
    ...test,
    include: [stressTests],
    fileParallelism: false,
    passWithNoTests: true,
    testTimeout: 1_800_000,
    reporters: ["verbose"],
  },
});
