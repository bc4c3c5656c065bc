import { defineConfig } from "vitest/config";

/** Long proofs, run by `npm run test:stress`. */
export const stressTests = "test/**/*.stress.test.ts";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: [stressTests],
    setupFiles: [".config/vitest.setup.ts"],
    pool: "forks",
    testTimeout: 60_000,
    reporters: ["default", ["json", { outputFile: ".cache/test-results.json" }]],
  },
});
