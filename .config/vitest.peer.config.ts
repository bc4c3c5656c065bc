import { defineConfig } from "vitest/config";
import defaults, { peerTests } from "./vitest.config.ts";

const { include: _, exclude: __, reporters: ___, ...test } = defaults.test ?? {};

/**
 * The tests that tfjs-core is published with. They are modules beside those of its `dist`, so that everybody must take
 * these in place of its bundle: else there were two engines.
 */
export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^@tensorflow\/(tfjs-core|tfjs-backend-cpu|tfjs-layers)$/,
        replacement: new URL("../node_modules/@tensorflow/$1/dist/index.js", import.meta.url).pathname,
      },
    ],
  },
  test: {
    ...test,
    include: [peerTests],
    server: { deps: { inline: [/@tensorflow\/tfjs-(core|backend-cpu|layers)/] } },
    testTimeout: 1_800_000,
    silent: "passed-only",
    reporters: ["verbose"],
  },
});
