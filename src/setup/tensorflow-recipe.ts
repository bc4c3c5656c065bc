/**
 * How `--engine tensorflow` comes to a machine: the npm package @tensorflow/tfjs-node or -gpu, TensorFlow's library out of
 * Python's package, and between them the npm package's own binding, compiled here.
 *
 * The npm package's own install fetches a TensorFlow that knows no processor and no CUDA of the last years.
 */
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cannot, YfError } from "../errors.ts";
import { findCudaDriver } from "../ort/cuda-driver.ts";
import type { Tensorflow, TensorflowDevice, TensorflowPackage } from "../tfjs/tensorflow.ts";
import { buildBinding, requireCompiler } from "./build-binding.ts";
import { keepFiles } from "./keep-files.ts";
import { requirePip, unpackWheels } from "./pip.ts";
import type { Download, Recipe, Work } from "./recipe.ts";
import { runProgram } from "./run-program.ts";

interface Package extends Download {
  /** As pip takes it. */
  readonly requirement: string;
}

const row = (requirement: string, megabytes: number): Package => ({
  requirement,
  name: requirement.replace(/[~=].*/, ""),
  megabytes,
});

interface Variant {
  readonly name: "tensorflow" | "tensorflow-gpu";
  readonly npmPackage: TensorflowPackage;
  readonly wheels: readonly Package[];
  readonly diskMegabytes: number;
}

const npmVersion = "4.22.0";
/** Of the package and of what it depends on, TensorFlow.js above all. */
const npmMegabytes = 60;

const forProcessors: Variant = {
  name: "tensorflow",
  npmPackage: "@tensorflow/tfjs-node",
  wheels: [row("tensorflow-cpu==2.18.1", 230)],
  diskMegabytes: 1600,
};

/** The libraries are those that TensorFlow 2.18.1 names in its extra `and-cuda`. */
const forGraphicsProcessors: Variant = {
  name: "tensorflow-gpu",
  npmPackage: "@tensorflow/tfjs-node-gpu",
  wheels: [
    row("tensorflow==2.18.1", 616),
    row("nvidia-cublas-cu12==12.5.3.2", 364),
    row("nvidia-cuda-cupti-cu12==12.5.82", 14),
    row("nvidia-cuda-nvcc-cu12==12.5.82", 23),
    row("nvidia-cuda-nvrtc-cu12==12.5.82", 25),
    row("nvidia-cuda-runtime-cu12==12.5.82", 1),
    row("nvidia-cudnn-cu12==9.3.0.75", 578),
    row("nvidia-cufft-cu12==11.2.3.61", 193),
    row("nvidia-curand-cu12==10.3.6.82", 57),
    row("nvidia-cusolver-cu12==11.6.3.83", 131),
    row("nvidia-cusparse-cu12==12.5.1.3", 218),
    row("nvidia-nvjitlink-cu12==12.5.82", 22),
  ],
  diskMegabytes: 9000,
};

const action = "set up TensorFlow";

export interface TensorflowSetup {
  /** Whether to set it up for NVIDIA's graphics processors, too. */
  readonly gpu: boolean;
  /** With `gpu`: whether to prepare a machine that has no driver yet, such as an image. */
  readonly withoutDriver: boolean;
}

/** @throws {YfError} SETUP_FAILED where no TensorFlow is made for the system, or there is no driver. */
export function tensorflowRecipe({ gpu, withoutDriver }: TensorflowSetup): Recipe {
  requireSystem();
  if (gpu && !withoutDriver) requireDriver();
  const variant = gpu ? forGraphicsProcessors : forProcessors;
  const { diskMegabytes, name, npmPackage, wheels } = variant;
  return {
    name,
    title: gpu ? "TensorFlow for graphics processors" : "TensorFlow",
    enables: gpu ? "--engine tensorflow --device cuda" : "--engine tensorflow",
    version: [`${npmPackage}@${npmVersion}`, ...wheels.map(({ requirement }) => requirement)].join(" "),
    downloads: [{ name: npmPackage, megabytes: npmMegabytes }, ...wheels],
    diskMegabytes,
    check: async (work) => {
      await requirePip(action, work);
      await requireNpm(work);
      await requireCompiler(action, work);
    },
    build: (folder, work) => build(variant, folder, work),
    verify: (folder, work) => verify(variant, gpu && !withoutDriver ? "cuda" : "cpu", folder, work),
  };
}

function requireSystem(): void {
  const system = `${process.platform} ${process.arch}`;
  if (system === "linux x64") return;
  throw new YfError("SETUP_FAILED", cannot(action, "its libraries are made for linux x64", system), {
    system,
  });
}

function requireDriver(): void {
  const driver = findCudaDriver();
  if (typeof driver !== "string") return;
  const rule = "NVIDIA's driver must be installed (--without-driver prepares a machine that has none)";
  throw new YfError("SETUP_FAILED", cannot(action, rule, driver), { driver });
}

async function requireNpm({ signal }: Work): Promise<void> {
  const rule = "its JavaScript is fetched by npm";
  await runProgram("npm", ["--version"], { action, rule, signal });
}

async function build({ npmPackage, wheels }: Variant, folder: string, work: Work): Promise<void> {
  work.tell(`installs ${npmPackage} ${npmVersion}`);
  const packages = [`${npmPackage}@${npmVersion}`, "node-api-headers@1.9.0"];
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  await runProgram("npm", ["install", ...quiet, `--prefix=${folder}`, ...packages], {
    action,
    signal: work.signal,
  });
  const scratch = join(folder, "scratch");
  mkdirSync(scratch);
  const requirements = wheels.map(({ requirement }) => requirement);
  await unpackWheels(requirements, join(folder, "python"), scratch, action, work);
  await buildBinding(folder, npmPackage, action, work);
  keepFiles(folder, isNeeded);
}

/** What runs, and every licence; not Python's part of TensorFlow, headers, and source maps: most of it all. */
function isNeeded(path: string): boolean {
  const [part] = path.split("/", 1);
  if (part === "node_modules") return !path.endsWith(".map") && !path.includes("/miniprogram/");
  if (part !== "python") return part !== "scratch";
  return neededOfPython.some((pattern) => pattern.test(path));
}

/** The assembler and the device library of `cuda_nvcc` finish code for graphics processors newer than TensorFlow. */
const neededOfPython = [
  /^python\/tensorflow\/lib[^/]*\.so/,
  /^python\/nvidia\/[^/]*\/lib\/.*\.so/,
  /^python\/nvidia\/cuda_nvcc\/(bin|nvvm)\//,
  /^python\/(tensorflow|[^/]*\.dist-info)\/[^/]*(licen[cs]e|notice)/i,
];

/** Computes a gradient in several threads of another process, so that no fault of it is ours. */
async function verify(
  { npmPackage }: Variant,
  device: TensorflowDevice,
  folder: string,
  { signal }: Work,
): Promise<string> {
  const program = createRequire(import.meta.url).resolve("#try-tensorflow");
  const output = await runProgram(process.execPath, [program, npmPackage, folder, device], {
    action,
    signal,
  });
  const { version } = JSON.parse(output) as Tensorflow;
  return `TensorFlow ${version} computed gradients on ${device} in several threads`;
}
