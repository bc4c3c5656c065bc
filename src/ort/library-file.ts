/** Which library of ONNX Runtime serves a device: the one inside onnxruntime-node, or the one that comes with CUDA. */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { cannot, YfError } from "../errors.ts";
import { findInstallation } from "../install-folder.ts";
import type { Device } from "./device.ts";

/** @throws {YfError} NO_ENGINE or NO_DEVICE where there is none. */
export function libraryFile(device: Device): string {
  return device === "cuda" ? fileIn(cudaFolder()) : bundledFile();
}

/** The folder that `yf-async setup cuda` made. @throws {YfError} NO_DEVICE. */
export function cudaFolder(): string {
  const folder = findInstallation("cuda");
  if (folder !== null) return folder;
  const rule = "its libraries must be set up (yf-async setup cuda does it)";
  throw new YfError("NO_DEVICE", cannot("use the device cuda", rule), { device: "cuda" });
}

function bundledFile(): string {
  try {
    const binaries = path.join(
      createRequire(import.meta.url).resolve("onnxruntime-node/package.json"),
      "../bin",
    );
    const [folder] = readdirSync(binaries).filter((name) => name.startsWith("napi-"));
    return fileIn(path.join(binaries, folder, process.platform, process.arch));
  } catch (cause) {
    const rule = "the npm package onnxruntime-node must have a library for this system";
    throw new YfError(
      "NO_ENGINE",
      cannot("use ONNX Runtime", rule, (cause as Error).message),
      { platform: `${process.platform} ${process.arch}` },
      cause,
    );
  }
}

function fileIn(folder: string): string {
  const name = readdirSync(folder).find((file) => /^(lib)?onnxruntime\.(so|dll|.*dylib)/.test(file));
  if (name === undefined) {
    const rule = `there must be a library in ${folder}`;
    throw new YfError("NO_ENGINE", cannot("use ONNX Runtime", rule), { folder });
  }
  return path.join(folder, name);
}
