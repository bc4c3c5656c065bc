import { defineConfig } from "vitest/config";
import defaults, { soakTests } from "./vitest.config.ts";

const { include: _, exclude: __, reporters: ___, ...test } = defaults.test ?? {};

/** As long as YF_SOAK_MINUTES says, with the machine to itself. */
export default defineConfig({
  test: {
    ...test,
    include: [soakTests],
    fileParallelism: false,
    testTimeout: 24 * 3_600_000,
    reporters: ["verbose"],
  },
});
