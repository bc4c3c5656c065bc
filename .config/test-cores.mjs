/**
 * Runs the tests of what follows the number of cores with 1, 2, 8, 16 and 64 reported ones; files may be given instead.
 *
 * On no machine this starts more test processes than real cores.
 */
import { spawnSync } from "node:child_process";

const affected = ["test/options", "test/machine", "test/grid", "test/train/advice", "test/cli/doctor"];
const files = process.argv.length > 2 ? process.argv.slice(2) : affected;

for (const cores of [1, 2, 8, 16, 64]) {
  console.log(`\n${cores} reported ${cores === 1 ? "core" : "cores"}`);
  const args = ["vitest", "run", "--config", ".config/vitest.config.ts", "--reporter", "dot", ...files];
  const { status } = spawnSync("npx", args, {
    env: { ...process.env, YF_ASYNC_CORES: `${cores}` },
    shell: process.platform === "win32",
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}
