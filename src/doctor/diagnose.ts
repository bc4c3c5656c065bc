/**
 * What works on this machine: engines, devices, packages, data sets, found by trying and not by looking.
 *
 * Owns the list of what there is to know and the command that would enable the rest; how it is shown is in `cli/`.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { decoderVersion } from "../data/image-decoder.ts";
import { findNamedData } from "../data/load-dataset.ts";
import type { EngineName } from "../engine/engine.ts";
import { tryDevice } from "../engine/try-device.ts";
import { tryEngine } from "../engine/try-engine.ts";
import { compileKernels, wasmKernels } from "../kernels/kernels.ts";
import { namedData, trainingTable } from "../options/table.ts";
import { findCudaDriver } from "../ort/cuda-driver.ts";
import { loadTensorflow } from "../tfjs/tensorflow.ts";
import type { Finding } from "./finding.ts";
import { machineFindings } from "./machine-findings.ts";

/** Tries everything; nothing is written, and nothing is fetched. */
export async function diagnose(): Promise<Finding[]> {
  const { words: engines = [] } = trainingTable.engine.kind;
  return [
    ...machineFindings(),
    await kernels(),
    ...(await Promise.all(engines.map(engine))),
    ...(await Promise.all(devices.map(device))),
    typedModels(),
    ...namedData.map(dataset),
    await images(),
  ];
}

async function kernels(): Promise<Finding> {
  const finding = { kind: "machine", name: "WebAssembly SIMD", enable: null } as const;
  try {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const values = new Float32Array(memory.buffer, 0, 4).fill(2);
    const norm = wasmKernels(memory, await compileKernels()).squaredNorm(values);
    if (norm !== 16) throw new Error(`the squared norm of [2, 2, 2, 2] came out as ${norm}`);
    return { ...finding, works: true, detail: "shared memory and vector kernels" };
  } catch (error) {
    return { ...finding, works: false, detail: message(error) };
  }
}

async function engine(name: EngineName): Promise<Finding> {
  const finding = { kind: "engine", name } as const;
  try {
    await tryEngine(name);
    return { ...finding, works: true, detail: engineDetail(name), enable: null };
  } catch (error) {
    const enable = name === "tensorflow" ? "yf-async setup tensorflow" : null;
    return { ...finding, works: false, detail: message(error), enable };
  }
}

function engineDetail(name: EngineName): string {
  switch (name) {
    case "ort":
      return `cpu, onnxruntime-node ${version("onnxruntime-node")}`;
    case "tfjs":
      return `wasm and cpu, @tensorflow/tfjs-backend-wasm ${version("@tensorflow/tfjs-backend-wasm")}`;
    case "tensorflow": {
      const { device, packageName, packageVersion, version } = loadTensorflow("cpu");
      return `${device}, TensorFlow ${version}, ${packageName} ${packageVersion}`;
    }
    case "reference":
      return "cpu, the slow interpreter";
  }
}

/** The device `cpu` is what the engine ort is tried on. */
const devices = ["cuda", "webgpu"] as const;

async function device(name: (typeof devices)[number]): Promise<Finding> {
  const finding = { kind: "device", name } as const;
  try {
    await tryDevice(name);
    return { ...finding, works: true, detail: deviceDetail(name), enable: null };
  } catch (error) {
    return { ...finding, works: false, detail: message(error), enable: deviceWay(name) };
  }
}

function deviceDetail(name: (typeof devices)[number]): string {
  if (name === "webgpu") return "one gradient at a time; what has no kernel there is computed on the CPU";
  const driver = findCudaDriver();
  return typeof driver === "string" ? driver : `${driver.devices.join(", ")}; driver for CUDA ${driver.cuda}`;
}

/** What would make it work; null where nothing is known to. */
function deviceWay(name: (typeof devices)[number]): string | null {
  const isLinux = process.platform === "linux";
  if (name === "webgpu") return isLinux ? "a graphics driver with Vulkan" : null;
  if (!isLinux || process.arch !== "x64") return null;
  const setUp = "yf-async setup cuda";
  return typeof findCudaDriver() === "string" ? `NVIDIA's driver, and then ${setUp}` : setUp;
}

function typedModels(): Finding {
  const works = Boolean((process.features as { typescript?: string | false }).typescript);
  return {
    kind: "model",
    name: "--model FILE.ts",
    works,
    detail: works ? "this Node.js strips types" : "this Node.js does not strip types",
    enable: works ? null : "Node.js 22.18 or later",
  };
}

function dataset(name: (typeof namedData)[number]): Finding {
  const { folder, origin } = findNamedData(name);
  const works = folder !== null && existsSync(folder);
  return {
    kind: "data",
    name,
    works,
    detail: works ? "found" : "not found",
    enable: works ? null : `its files come from ${origin}`,
  };
}

async function images(): Promise<Finding> {
  const found = await decoderVersion();
  const works = found !== null;
  return {
    kind: "data",
    name: "folders of images",
    works,
    detail: works ? `sharp ${found}` : "sharp is not installed",
    enable: works ? null : "npm install sharp",
  };
}

function version(name: "onnxruntime-node" | "@tensorflow/tfjs-backend-wasm"): string {
  return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
