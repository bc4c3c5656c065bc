/** Every program in examples/ runs to its end and says something. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const names = readdirSync(`${root}/examples`).map((file) => file.replace(/\.ts$/, ""));

/** What the last line of each example must say. */
const endings: Record<string, RegExp> = {
  "from-model-fit": /^validation accuracy (0\.[89]\d*|1)$/,
  mlflow: /^\/api\/2\.0\/mlflow\/runs\/update run_id status end_time$/,
  "own-function": /^loss 0\.00\d\d after \d+ updates \((aborted|completed)\)$/,
  "own-model": /^test accuracy (0\.9\d*|1); the point \(1, -1\) is in class 1$/,
  "train-lenet": /^test accuracy 0\.\d+ after \d+ updates$/,
  "weights-and-biases": /^finished$/,
  "yellowfin-alone":
    /^weights 2\.0\d, -1\.0\d, 0\.[45]\d; the law has 2, -1, 0\.5$|^weights 1\.9\d, -(0\.9|1\.0)\d, 0\.[45]\d;/,
};

test.concurrent.each(names)(
  "examples/%s.ts runs as it stands",
  async (name) => {
    const { stdout } = await promisify(execFile)(process.execPath, [`${root}/dist/examples/${name}.js`], {
      cwd: root,
      timeout: 60_000,
    });
    expect(stdout.trim().split("\n").at(-1)).toMatch(endings[name]);
  },
  70_000,
);
