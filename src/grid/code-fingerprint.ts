/** Which code measured something. A finished cell counts only for the code that it was measured with. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Folders that only show, order or store what was measured. */
const withoutEffect = ["cli", "grid", "report"];

/** What a training run consists of: this package's modules, its kernels and the library that computes gradients. */
export function codeFingerprint(): string {
  const resolve = createRequire(import.meta.url).resolve;
  const folder = fileURLToPath(new URL("..", import.meta.url));
  const modules = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[jt]s$/.test(file) && !file.endsWith(".d.ts"))
    .filter((file) => !withoutEffect.includes(file.split(sep)[0]))
    .sort()
    .map((file) => join(folder, file));
  const hash = createHash("sha256");
  for (const file of [...modules, resolve("#kernels"), resolve("onnxruntime-node/package.json")]) {
    hash.update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}
