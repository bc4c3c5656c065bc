import { defineConfig } from "vitest/config";
import defaults, { faultTests } from "./vitest.config.ts";

const { include: _, exclude: __, reporters: ___, ...test } = defaults.test ?? {};

/** Crashes, stalls, full disks and damaged files, thousands of them: one file at a time, with the machine to itself. */
export default defineConfig({
  test: {
    ...test,
    include: [faultTests],
    fileParallelism: false,
    testTimeout: 3_600_000,
    reporters: ["verbose"],
  },
});
