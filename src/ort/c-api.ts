/**
 * The one door to ONNX Runtime: the functions of its C API that we call, out of the library that onnxruntime-node ships
 * or, for CUDA, the one that `yf-async setup cuda` fetches.
 *
 * The package's own JavaScript binding allocates, clears and copies an array for every output of every run, takes no
 * shared memory, and needs a session per thread. Through the C API a gradient lands where the kernels read it, and one
 * session serves all threads: measured, 94 instead of 139 µs for a gradient of 101,770 parameters, and 19 MiB less for
 * every further worker with LeNet.
 * Source of places and signatures: onnxruntime_c_api.h, `struct OrtApi`, which only ever grows at its end.
 */
import koffi, { type LibraryHandle, type TypeObject } from "koffi";
import { cannot, YfError } from "../errors.ts";
import { requireCudaDriver } from "./cuda-driver.ts";
import { loadCudaLibraries } from "./cuda-libraries.ts";
import type { Device } from "./device.ts";
import { cudaFolder, libraryFile } from "./library-file.ts";

/** An address that is valid in every thread of the process. */
export type Address = bigint;

/** The version of the table that we ask for: it has all places below, and every library since 1.22 gives it. */
const apiVersion = 22;

/** Of `createCpuMemoryInfo`: `OrtArenaAllocator`, `OrtMemTypeDefault`. */
export const cpuMemory = [1, 0] as const;

const pointer = "void *";
const outPointer = "_Out_ void **";
const outSize = "_Out_ size_t *";
const texts = "str *";

/** Place in the table, and the C types of the arguments. Each of these returns a status: null, or what went wrong. */
const calls = {
  createEnv: [3, ["int", "str", outPointer]],
  createSessionFromArray: [8, [pointer, pointer, "size_t", pointer, outPointer]],
  run: [9, [pointer, pointer, pointer, pointer, "size_t", pointer, "size_t", pointer]],
  createSessionOptions: [10, [outPointer]],
  disableMemPattern: [17, [pointer]],
  setIntraOpNumThreads: [24, [pointer, "int"]],
  setInterOpNumThreads: [25, [pointer, "int"]],
  sessionGetInputCount: [30, [pointer, outSize]],
  sessionGetInputName: [36, [pointer, "size_t", pointer, outPointer]],
  createRunOptions: [39, [outPointer]],
  createTensorWithDataAsOrtValue: [49, [pointer, pointer, "size_t", pointer, "size_t", "int", outPointer]],
  createCpuMemoryInfo: [69, ["int", "int", outPointer]],
  allocatorFree: [76, [pointer, pointer]],
  getAllocatorWithDefaultOptions: [78, [outPointer]],
  addSessionConfigEntry: [130, [pointer, "str", "str"]],
  createAndRegisterAllocator: [144, [pointer, pointer, pointer]],
  createArenaCfg: [156, ["size_t", "int", "int", "int", outPointer]],
  addRunConfigEntry: [165, [pointer, "str", "str"]],
  appendCudaExecutionProvider: [204, [pointer, pointer]],
  createCudaProviderOptions: [205, [outPointer]],
  updateCudaProviderOptions: [206, [pointer, texts, texts, "size_t"]],
  appendExecutionProvider: [216, [pointer, "str", texts, texts, "size_t"]],
} as const satisfies Record<string, readonly [place: number, types: readonly string[]]>;

const getErrorMessagePlace = 2;

/** Places of the functions that free what was created; they return nothing. */
const releases = {
  status: 93,
  memoryInfo: 94,
  session: 95,
  value: 96,
  runOptions: 97,
  arenaCfg: 157,
  sessionOptions: 100,
  cudaProviderOptions: 208,
} as const;

type CallName = keyof typeof calls;

/** A function of the table. @throws {YfError} ENGINE_FAILED with the library's own words when its status is not null. */
type Call = (...values: unknown[]) => void;

export type CApi = Readonly<Record<CallName, Call>> & {
  /** Calls a function whose last argument is a place for its result, and returns that. */
  create(name: CallName, ...values: unknown[]): Address;
  release(what: keyof typeof releases, address: Address): void;
};

const loaded = new Map<Device, CApi>();

/** Held for good: koffi unloads a library whose handle is unreachable, and with it the functions of the table. */
const libraries: LibraryHandle[] = [];

/**
 * Loads the library that serves a device, once per thread.
 *
 * @throws {YfError} NO_ENGINE when it cannot be had on this machine, NO_DEVICE when that is for want of CUDA's libraries.
 */
export function cApi(device: Device): CApi {
  let api = loaded.get(device);
  if (api === undefined) {
    if (device === "cuda") {
      requireCudaDriver();
      loadCudaLibraries(cudaFolder());
    }
    api = load(libraryFile(device));
    loaded.set(device, api);
  }
  return api;
}

/**
 * Gives back what koffi has of this thread's functions: it keeps some 50 KiB of them for good, beyond the thread's end. The last
 * thing before that: no function of before may be called afterwards.
 */
export function forgetFunctions(): void {
  loaded.clear();
  koffi.reset();
}

type Callable = (...values: unknown[]) => unknown;

function load(file: string): CApi {
  const functionAt = callablesOf(readTable(file));
  const getErrorMessage = functionAt(getErrorMessagePlace, "str", [pointer]);
  const release = Object.fromEntries(
    Object.entries(releases).map(([what, place]) => [what, functionAt(place, "void", [pointer])]),
  );
  const entries = Object.entries(calls).map(([name, [place, types]]): [string, Call] => {
    const call = functionAt(place, pointer, types);
    return [
      name,
      (...values) => {
        const status = call(...values);
        if (status === null) return;
        const message = getErrorMessage(status);
        release.status(status);
        throw new YfError(
          "ENGINE_FAILED",
          cannot("compute", `ONNX Runtime must succeed in ${name}`, message),
          { reason: message },
        );
      },
    ];
  });
  const functions = Object.fromEntries(entries) as Record<CallName, Call>;
  return {
    ...functions,
    create(name, ...values) {
      const result: [Address | null] = [null];
      functions[name](...values, result);
      return result[0] as Address;
    },
    release: (what, address) => {
      release[what](address);
    },
  };
}

/**
 * Functions by place and signature; functions of one signature share it, as koffi keeps each. All are made at once: in a
 * thread that is being ended, where some are called for the first time, koffi takes the process with it when it makes one.
 */
function callablesOf(table: readonly Address[]) {
  const signatures = new Map<string, TypeObject>();
  const signatureOf = (result: string, types: readonly string[]): TypeObject => {
    const key = [result, ...types].join();
    const signature = signatures.get(key) ?? koffi.proto(result, [...types]);
    signatures.set(key, signature);
    return signature;
  };
  return (place: number, result: string, types: readonly string[]) =>
    koffi.decode(table[place], signatureOf(result, types)) as Callable;
}

/** Where an array lies; valid while the array is held and its memory neither moves nor ends. */
export function addressOf(array: ArrayBufferView): Address {
  return koffi.address(array);
}

/** The C string at an address. */
export function textAt(address: Address): string {
  return koffi.decode.string(address);
}

/** Addresses of the functions, by place. */
function readTable(file: string): readonly Address[] {
  try {
    const library = koffi.load(file);
    libraries.push(library);
    const base = library.func("OrtGetApiBase", pointer, [])() as Address;
    const [getApi] = koffi.decode(base, koffi.array(pointer, 1)) as [Address];
    const api = koffi.call(getApi, koffi.proto(pointer, ["uint32_t"]), apiVersion) as Address | null;
    if (api === null) throw new Error(`it has no version ${apiVersion} of its interface`);
    const places = [...Object.values(calls).map(([place]) => place), ...Object.values(releases)];
    return koffi.decode(api, koffi.array(pointer, Math.max(...places) + 1)) as Address[];
  } catch (cause) {
    const rule = `its library ${file} must load`;
    throw new YfError(
      "NO_ENGINE",
      cannot("use ONNX Runtime", rule, (cause as Error).message),
      { file },
      cause,
    );
  }
}
