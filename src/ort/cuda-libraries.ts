/**
 * NVIDIA's libraries, loaded out of the folder of `yf-async setup cuda` before ONNX Runtime asks for them by name: the
 * system then takes those that are there, wherever they lie.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import koffi, { type LibraryHandle } from "koffi";
import { noCuda } from "./cuda-driver.ts";

/** What must be there, each after what it needs itself. cuDNN is a library that finds its parts, which go before it. */
const needed = ["cudart", "cublasLt", "cublas", "curand", "nvrtc", "cudnn_graph", "cudnn_ops", "cudnn"];

/** ONNX Runtime loads these itself, and must: they ask it for its functions when they are loaded. */
const providers = ["onnxruntime_providers_shared", "onnxruntime_providers_cuda"];

/** Held for good: koffi unloads a library whose handle is unreachable. */
const held: LibraryHandle[] = [];

/**
 * Loads them once per thread.
 *
 * @param folder Where all of them are. @throws {YfError} NO_DEVICE, naming the first library that is missing.
 */
export function loadCudaLibraries(folder: string): void {
  if (held.length > 0) return;
  const files = new Map(readdirSync(folder).map((file) => [stem(file), file]));
  const missing = [...needed, ...providers].find((name) => !files.has(name));
  if (missing !== undefined) {
    const rule = `lib${missing}.so must be there (yf-async setup cuda fetches it)`;
    throw noCuda(rule, `a folder without it, ${folder}`);
  }
  // cuFFT belongs to the provider for CUDA 12 only.
  const parts = [...files.keys()].filter((name) => /^(cudnn_|cufft$)/.test(name) && !needed.includes(name));
  const loaded = [...needed.slice(0, -1), ...parts, "cudnn"].map((name) => {
    const file = files.get(name) as string;
    try {
      return koffi.load(join(folder, file));
    } catch (error) {
      throw noCuda(`${file} must load`, (error as Error).message.replace(/^Failed to load [^:]*: /, ""));
    }
  });
  held.push(...loaded);
}

/** `cublas` of `libcublas.so.13`. */
function stem(file: string): string {
  return /^lib(\w+)\.so/.exec(file)?.[1] ?? file;
}
