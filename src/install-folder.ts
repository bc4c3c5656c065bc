/**
 * Where `yf-async setup` puts what it fetches, and where engines look for it.
 *
 * A folder counts as installed when {@link readyFile} is in it. It comes to its place in one step, whole and tried, so
 * that it is never seen half done.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What can be set up. */
export type InstallName = "cuda" | "tensorflow" | "tensorflow-gpu";

/** Says what the folder holds, as JSON. */
export const readyFile = "ready.json";

/** Environment variables that name another folder, to prepare an image or to share one between users. */
const overrides: Readonly<Record<InstallName, string>> = {
  cuda: "YF_ASYNC_CUDA",
  tensorflow: "YF_ASYNC_TENSORFLOW",
  "tensorflow-gpu": "YF_ASYNC_TENSORFLOW_GPU",
};

/** The folder of an installation, whether it is there or not: of the user's cache, so that it outlives node_modules. */
export function installFolder(name: InstallName): string {
  const given = process.env[overrides[name]];
  if (given !== undefined && given !== "") return given;
  const cache = process.env.XDG_CACHE_HOME;
  return join(cache === undefined || cache === "" ? join(homedir(), ".cache") : cache, "yf-async", name);
}

/** The folder of an installation, null where `yf-async setup` has not made it. */
export function findInstallation(name: InstallName): string | null {
  const folder = installFolder(name);
  return existsSync(join(folder, readyFile)) ? folder : null;
}
