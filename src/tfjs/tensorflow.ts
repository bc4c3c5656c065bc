/**
 * The one door to TensorFlow's own kernels: the package @tensorflow/tfjs-node or -gpu, which this package does not bring.
 *
 * Owns where it is looked for and how it is loaded: as the user installed it, else as `yf-async setup tensorflow` did. The
 * package comes with a second copy of TensorFlow.js; both copies share one engine, one registry of kernels, one backend.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cannot, YfError } from "../errors.ts";
import { findInstallation, type InstallName } from "../install-folder.ts";
import { tf } from "./tf.ts";

/** Name of the backend that the package registers. */
export const tensorflowBackend = "tensorflow";

export type TensorflowPackage = "@tensorflow/tfjs-node" | "@tensorflow/tfjs-node-gpu";

/** Where TensorFlow computes. */
export type TensorflowDevice = "cpu" | "cuda";

/** The packages by device, best first, and where our own set-up puts them. One for GPUs computes on cores where there are none. */
const packages: Readonly<Record<TensorflowDevice, readonly (readonly [TensorflowPackage, InstallName])[]>> = {
  cpu: [
    ["@tensorflow/tfjs-node", "tensorflow"],
    ["@tensorflow/tfjs-node-gpu", "tensorflow-gpu"],
  ],
  cuda: [["@tensorflow/tfjs-node-gpu", "tensorflow-gpu"]],
};

const setups = { cpu: "yf-async setup tensorflow", cuda: "yf-async setup tensorflow --gpu" } as const;

/** A package and the folder whose `node_modules` has it. */
export interface TensorflowPlace {
  readonly packageName: TensorflowPackage;
  readonly root: string;
}

/** What was loaded. */
export interface Tensorflow extends TensorflowPlace {
  readonly packageVersion: string;
  /** Of TensorFlow itself. */
  readonly version: string;
  readonly device: TensorflowDevice;
}

/** What the native backend tells of itself. */
interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/**
 * What TensorFlow reads when it starts. A thread gets its parallelism from its siblings and not from threads of its own,
 * memory of a GPU is for all workers, and the log is for those who debug TensorFlow.
 */
const environment = {
  TF_NUM_INTRAOP_THREADS: "1",
  TF_FORCE_GPU_ALLOW_GROWTH: "true",
  TF_CPP_MIN_LOG_LEVEL: "2",
} as const;

/** A process has one TensorFlow, which keeps the device that it finds when it starts. */
let loaded: Tensorflow | null = null;

/**
 * Loads TensorFlow on this thread and registers its backend; the current backend stays what it is.
 *
 * The main thread must do so before any other one: only its environment reaches native code.
 *
 * @param places Where to look, best first.
 * @throws {YfError} `NO_ENGINE` if the package is nowhere, or nowhere in a state that works; `NO_DEVICE` if it computes on
 *   another device.
 */
export function loadTensorflow(
  device: TensorflowDevice,
  places: readonly TensorflowPlace[] = findTensorflow(device),
): Tensorflow {
  loaded ??= loadFirst(device, places);
  if (loaded.device === device) return loaded;
  const rule = `the TensorFlow of this process must compute there (${setups[device]})`;
  const received = `${loaded.packageName} in ${loaded.root}, which computes on ${loaded.device}`;
  throw new YfError("NO_DEVICE", cannot(`open the engine tensorflow on ${device}`, rule, received), {
    device,
    loaded: loaded.device,
    root: loaded.root,
  });
}

function loadFirst(device: TensorflowDevice, places: readonly TensorflowPlace[]): Tensorflow {
  const failures: string[] = [];
  for (const place of places) {
    try {
      return load(place);
    } catch (error) {
      const [line] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
      failures.push(`${place.packageName} in ${place.root}: ${line}`);
    }
  }
  const rule = `TensorFlow must be set up (${setups[device]})`;
  const received = failures.join("; ") || packages[device].map(([name]) => `no ${name}`).join(", ");
  throw new YfError("NO_ENGINE", cannot("open the engine tensorflow", rule, received), {
    device,
    failures,
  });
}

/** Where a package is, best first: with the user's program, with this package, in the folders of our own set-up. */
export function findTensorflow(device: TensorflowDevice): TensorflowPlace[] {
  const places: TensorflowPlace[] = [];
  for (const root of [process.cwd(), import.meta.dirname]) {
    for (const [packageName] of packages[device]) {
      if (isInstalled(packageName, root)) places.push({ packageName, root });
    }
  }
  for (const [packageName, name] of packages[device]) {
    const root = findInstallation(name);
    if (root !== null) places.push({ packageName, root });
  }
  return places;
}

/** Whether it is there with its native part, which its own install leaves out where nothing fits the machine. */
function isInstalled(packageName: TensorflowPackage, root: string): boolean {
  const folders = createRequire(join(root, "package.json")).resolve.paths(packageName) ?? [];
  return folders.some((folder) => existsSync(join(folder, packageName, "lib")));
}

function load({ packageName, root }: TensorflowPlace): Tensorflow {
  const require = createRequire(join(root, "package.json"));
  const { version: packageVersion } = require(`${packageName}/package.json`) as { version: string };
  for (const [name, value] of Object.entries(environment)) process.env[name] ??= value;
  restoreTypeTests(require);
  const current = tf.getBackend();
  const production = tf.env().getBool("PROD");
  // The second copy of TensorFlow.js warns of each kernel that the first has registered.
  tf.env().set("PROD", true);
  try {
    require(packageName);
  } finally {
    tf.env().set("PROD", production);
    if (current) void tf.setBackend(current);
  }
  const { binding, isUsingGpuDevice } = tf.findBackend(tensorflowBackend) as unknown as NativeBackend;
  const device = isUsingGpuDevice ? "cuda" : "cpu";
  return { packageName, root, packageVersion, version: binding.TF_Version, device };
}

/** The package calls two functions of node:util that Node.js 23 took out and that 22 warns of. */
function restoreTypeTests(require: NodeJS.Require): void {
  const isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  Object.assign(require("node:util"), { isArray: Array.isArray, isNullOrUndefined });
}
