/** Tells a session to compute on a device: appends the execution provider to its options, or says why it cannot be. */
import { cannot, YfError } from "../errors.ts";
import { nodeNames } from "../onnx/model-proto.ts";
import { type Address, cApi } from "./c-api.ts";
import { noCuda } from "./cuda-driver.ts";
import type { Device } from "./device.ts";
import { environmentFor } from "./environment.ts";

/**
 * Nodes that the provider has no kernel for, or no right one, are computed on the CPU.
 *
 * @param options Address of the session options. @param model The ONNX model that the session will have.
 * @throws {YfError} NO_DEVICE, naming what is missing: adapter, driver or library.
 */
export function appendProvider(device: Device, options: Address, model: Uint8Array): void {
  if (device === "webgpu") appendWebGpu(options, model);
  if (device === "cuda") appendCuda(options);
}

/** That a device can be used. Opens it, so that it takes a moment. @throws {YfError} NO_DEVICE, NO_ENGINE. */
export function requireDevice(device: Device): void {
  const api = cApi(device);
  environmentFor(device);
  const options = api.create("createSessionOptions");
  try {
    appendProvider(device, options, new Uint8Array());
  } finally {
    api.release("sessionOptions", options);
  }
}

/**
 * Operators that WebGPU does not get right. Of ONNX Runtime 1.30's convolutions, gradients for filters and depthwise ones
 * come out wrong for many shapes, and three spatial axes fail; sine and cosine are exact to 2⁻¹¹ only, by WebGPU's
 * own rules. Most convolutions of training are matrix products here and do not suffer from it.
 */
const onProcessor: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "Sin", "Cos", "Tan"]);

function appendWebGpu(options: Address, model: Uint8Array): void {
  const names = nodeNames(model, onProcessor);
  const settings = names.length === 0 ? [] : [["forceCpuNodeNames", names.join("\n")]];
  try {
    cApi("webgpu").appendExecutionProvider(
      options,
      "WebGPU",
      settings.map(([name]) => name),
      settings.map(([, value]) => value),
      settings.length,
    );
  } catch (error) {
    const rule = /adapter/i.test(reasonOf(error))
      ? "there must be a graphics adapter with a driver for Vulkan, Metal or Direct3D 12"
      : "ONNX Runtime's provider for it must start";
    throw new YfError(
      "NO_DEVICE",
      cannot("use the device webgpu", rule, reasonOf(error)),
      { device: "webgpu" },
      error,
    );
  }
}

/**
 * A stream of its own for each session. Memory is taken from the device as it is needed, not in powers of two, so that
 * sixteen sessions find room; sums are those of float32, so that gradients are what they are on the CPU.
 */
const cudaOptions = {
  device_id: "0",
  has_user_compute_stream: "0",
  arena_extend_strategy: "kSameAsRequested",
  use_tf32: "0",
};

function appendCuda(options: Address): void {
  const api = cApi("cuda");
  const names = Object.keys(cudaOptions);
  try {
    const cuda = api.create("createCudaProviderOptions");
    try {
      api.updateCudaProviderOptions(cuda, names, Object.values(cudaOptions), names.length);
      api.appendCudaExecutionProvider(options, cuda);
    } finally {
      api.release("cudaProviderOptions", cuda);
    }
  } catch (error) {
    throw noCuda("its provider must load (yf-async setup cuda fetches what it needs)", reasonOf(error));
  }
}

/** The part of ONNX Runtime's message that is about the cause, without its own files and functions. */
function reasonOf(error: unknown): string {
  const { details, message } = error as YfError;
  const text = String(details.reason ?? message).trim();
  return /(?:with error: |Failed to get a WebGPU adapter: )(.*)$/s.exec(text)?.[1] ?? text;
}
