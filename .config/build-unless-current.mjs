/**
 * Builds the package unless it was built since its sources changed.
 *
 * `npm ci` and the first `npx yf-async` of a checkout both prepare it: npx links the checkout into its own cache.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What a build reads. */
const sources = ["src", "workers", "bench", "examples", "test", "tsconfig.json", "package.json"];

/** What a build writes last. */
const last = join(root, "dist/src/dashboard/browser/dashboard.js");

const changedAt = (path) => statSync(path).mtimeMs;

function newestIn(path) {
  if (!existsSync(path)) return 0;
  if (!statSync(path).isDirectory()) return changedAt(path);
  const entries = readdirSync(path, { recursive: true, encoding: "utf8" });
  return Math.max(...[path, ...entries.map((entry) => join(path, entry))].map(changedAt));
}

const isCurrent =
  existsSync(last) && Math.max(...sources.map((source) => newestIn(join(root, source)))) < changedAt(last);
if (!isCurrent) {
  const { status } = spawnSync("npm run build", { cwd: root, shell: true, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
