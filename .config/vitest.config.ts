import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { usableCores } from "../src/machine/machine.ts";

/** An adapter for WebGPU in software, which Debian's chromium brings: taken unless the variable names another. */
const softwareAdapter = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (existsSync(softwareAdapter)) process.env.VK_ICD_FILENAMES ??= softwareAdapter;

/** Long proofs, run by `npm run test:stress`. */
export const stressTests = "test/**/*.stress.test.ts";

/** What a run survives, shown by `npm run test:faults`. */
export const faultTests = "test/**/*.faults.test.ts";

/** The tests of TensorFlow.js itself, run by `npm run test:peer`. */
export const peerTests = "test/**/*.peer.test.ts";

/** Training for half an hour, run by `npm run test:soak`. */
export const soakTests = "test/**/*.soak.test.ts";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: [stressTests, faultTests, soakTests, peerTests],
    setupFiles: [".config/vitest.setup.ts"],
    pool: "forks",
    // Never more processes than real cores, whatever number the tests are told.
    maxWorkers: Math.min(availableParallelism(), usableCores()),
    // Defaults that follow the number of cores are the same on every machine; `npm run test:cores` varies it.
    env: { YF_ASYNC_CORES: process.env.YF_ASYNC_CORES || "2" },
    testTimeout: 60_000,
    reporters: ["default", ["json", { outputFile: ".cache/test-results.json" }]],
  },
});
