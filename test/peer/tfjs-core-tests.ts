/**
 * The tests that @tensorflow/tfjs-core is published with, run by the test library that they are written for, on its
 * backend `cpu`. Nothing of them is in this repository: they are loaded out of the installed package.
 */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { createRandom } from "../../src/math/random.ts";

/** What became of one test. */
export interface Outcome {
  /** As the tests nest, without the name of the environment; the second test of one name ends in "(2)". */
  readonly name: string;
  /** What it did not find as it expects; none where it passed. */
  readonly failures: readonly string[];
}

/** What happens around each test, on the thread that runs it. */
export interface Watcher {
  begin(name: string): void;
  end(outcome: Outcome): void;
}

/** As much of Jasmine as runs tests. */
interface Jasmine {
  /** Makes `describe`, `it`, `expect`, ... globals. */
  boot(): { getEnv(): Environment };
}

interface Environment {
  configure(settings: { random: boolean; forbidDuplicateNames: boolean }): void;
  clearReporters(): void;
  addReporter(reporter: { specStarted(spec: Spec): void; specDone(spec: Spec): void }): void;
  execute(): Promise<unknown>;
}

interface Spec {
  readonly id: string;
  readonly fullName: string;
  readonly status: "passed" | "failed" | "pending" | "excluded";
  readonly failedExpectations: readonly { readonly message: string }[];
}

const dist = fileURLToPath(new URL("../../node_modules/@tensorflow/tfjs-core/dist/", import.meta.url));

/** The name that `describeWithFlags` appends to that of a suite. */
const environmentSuffix = / cpu \{\}/g;

/** Runs every test of tfjs-core that runs on Node. */
export async function runTfjsCoreTests(watcher: Watcher): Promise<void> {
  const require = createRequire(import.meta.url);
  const jasmine = (require("jasmine-core") as Jasmine).boot();
  // Modules of the package call it as if they were CommonJS.
  Object.assign(globalThis, { require });
  const { setTestEnvs } = (await import(`${dist}jasmine_util.js`)) as {
    setTestEnvs(environments: { name: string; backendName: string; isDataSync: boolean }[]): void;
  };
  setTestEnvs([{ name: "cpu", backendName: "cpu", isDataSync: true }]);
  await import(`${dist}public/chained_ops/register_all_chained_ops.js`);
  for (const file of testFiles()) await import(file);

  const environment = jasmine.getEnv();
  environment.configure({ random: false, forbidDuplicateNames: false });
  environment.clearReporters();
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  environment.addReporter({
    specStarted({ fullName, id }) {
      const plain = fullName.replaceAll(environmentSuffix, "");
      const count = (counts.get(plain) ?? 0) + 1;
      counts.set(plain, count);
      const name = count === 1 ? plain : `${plain} (${count})`;
      names.set(id, name);
      watcher.begin(name);
    },
    specDone({ failedExpectations, id, status }) {
      if (status === "pending" || status === "excluded") return;
      const failures = failedExpectations.map(({ message }) => message);
      watcher.end({ name: names.get(id) as string, failures });
    },
  });
  // Tests of random operations draw seeds; calls would else be others at every run.
  const { random } = Math;
  Math.random = createRandom(1);
  try {
    await environment.execute();
  } finally {
    Math.random = random;
  }
}

/** In one order on every machine. */
function testFiles(): string[] {
  return readdirSync(dist, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("_test.js"))
    .sort()
    .map((path) => dist + path);
}
