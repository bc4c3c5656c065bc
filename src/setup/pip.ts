/** Fetches packages of Python for their native libraries; of Python itself only pip is needed. */
import type { Work } from "./recipe.ts";
import { runProgram } from "./run-program.ts";

/** The wheels that we take: by platform, whatever Python the user has. */
const wheels = [
  "--only-binary=:all:",
  "--no-deps",
  "--python-version=3.12",
  ...["2_28", "2_27", "2_17"].map((glibc) => `--platform=manylinux_${glibc}_x86_64`),
  "--platform=manylinux2014_x86_64",
];

/** @param action What is being done, for the error. @throws {YfError} SETUP_FAILED unless there is Python with pip. */
export async function requirePip(action: string, { signal }: Work): Promise<void> {
  const rule = "what it needs is fetched by python3 with pip";
  await runProgram("python3", ["-m", "pip", "--version"], { action, rule, signal });
}

/**
 * Unpacks packages, without those that they depend on, into a folder.
 *
 * @param packages As pip takes them, such as `onnxruntime-gpu==1.30.0`. @param scratch An empty folder for what pip
 *   needs in between. @throws {YfError} SETUP_FAILED.
 */
export async function unpackWheels(
  packages: readonly string[],
  folder: string,
  scratch: string,
  action: string,
  { signal, tell }: Work,
): Promise<void> {
  const args = ["-m", "pip", "install", "--disable-pip-version-check", "--no-compile", "--progress-bar=off"];
  await runProgram("python3", [...args, ...wheels, `--target=${folder}`, ...packages], {
    action,
    signal,
    // Gigabytes: not into a /tmp that may lie in memory.
    environment: { TMPDIR: scratch },
    onLine: (line) => {
      if (/^\s*(Downloading|Using cached) /.test(line)) tell(line.trim());
    },
  });
}
