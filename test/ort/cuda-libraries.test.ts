import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findInstallation } from "../../src/install-folder.ts";
import { findCudaDriver } from "../../src/ort/cuda-driver.ts";
import { loadCudaLibraries } from "../../src/ort/cuda-libraries.ts";

const root = mkdtempSync(join(tmpdir(), "yf-async-cuda-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const libraries = [
  ...["libcudart.so.13", "libcublasLt.so.13", "libcublas.so.13", "libcurand.so.10", "libnvrtc.so.13"],
  ...["libcudnn_graph.so.9", "libcudnn_ops.so.9", "libcudnn.so.9"],
  ...["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"],
];

/** A folder with files of these names, which are no libraries. */
function folderWith(names: readonly string[]): string {
  const folder = mkdtempSync(join(root, "folder-"));
  for (const name of names) writeFileSync(join(folder, name), "");
  return folder;
}

describe("loadCudaLibraries()", () => {
  test.each(libraries)("names %s where it is missing, and the command that fetches it", (missing) => {
    const folder = folderWith(libraries.filter((name) => name !== missing));
    const name = missing.replace(/\.so.*/, ".so");
    expect(() => loadCudaLibraries(folder)).toThrow(
      expect.objectContaining({
        code: "NO_DEVICE",
        message: `Cannot use the device cuda: ${name} must be there (yf-async setup cuda fetches it) (got "a folder without it, ${folder}")`,
      }),
    );
  });

  test.runIf(process.platform === "linux")("names a library that does not load, and why", () => {
    expect(() => loadCudaLibraries(folderWith(libraries))).toThrow(
      /^Cannot use the device cuda: libcudart\.so\.13 must load \(got ".*file too short"\)$/,
    );
  });

  const installed = findInstallation("cuda");
  const hasDriver = process.platform === "linux" && typeof findCudaDriver() !== "string";
  test.skipIf(installed === null || hasDriver)(
    "comes as far as the driver that is missing (needs `yf-async setup cuda --without-driver` and no driver)",
    () => {
      // cuBLAS, cuRAND, NVRTC and most of cuDNN have been loaded by then.
      expect(() => loadCudaLibraries(installed as string)).toThrow(
        /: libcudnn_\w+\.so\.9 must load \(got "libcuda\.so\.1: cannot open/,
      );
    },
  );
});
