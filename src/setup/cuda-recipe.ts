/**
 * How `--device cuda` comes to a machine: ONNX Runtime with its CUDA provider and NVIDIA's libraries, out of Python's
 * packages, as bare libraries in one folder. Nothing of node_modules is touched.
 *
 * The package brings a whole ONNX Runtime, so that its version need not be that of onnxruntime-node. The newest one for
 * CUDA 12 is 1.26.
 */
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { tryDevice } from "../engine/try-device.ts";
import { cannot, YfError } from "../errors.ts";
import { type CudaDriver, findCudaDriver } from "../ort/cuda-driver.ts";
import { requirePip, unpackWheels } from "./pip.ts";
import type { Download, Recipe, Work } from "./recipe.ts";

type CudaVersion = 12 | 13;

interface Package extends Download {
  /** As pip takes it. */
  readonly requirement: string;
}

function hasDevice(driver: CudaDriver | string): driver is CudaDriver {
  return typeof driver !== "string" && driver.devices.length > 0;
}

/** One gradient, in a process of its own, so that no fault of a library is ours. */
async function verify(driver: CudaDriver, folder: string, { signal, tell }: Work): Promise<string> {
  tell("computes a gradient on it");
  await tryDevice("cuda", { environment: { YF_ASYNC_CUDA: folder }, signal });
  return `a gradient on ${driver.devices[0]}, CUDA ${driver.cuda}`;
}

const row = (requirement: string, megabytes: number): Package => ({
  requirement,
  name: requirement.replace(/[~=].*/, ""),
  megabytes,
});

const packages: Readonly<Record<CudaVersion, readonly Package[]>> = {
  12: [
    row("onnxruntime-gpu==1.26.0", 277),
    row("nvidia-cuda-runtime-cu12~=12.0", 4),
    row("nvidia-cublas-cu12~=12.0", 581),
    row("nvidia-cudnn-cu12~=9.0", 717),
    row("nvidia-cufft-cu12~=11.0", 200),
    row("nvidia-curand-cu12~=10.0", 68),
    row("nvidia-cuda-nvrtc-cu12~=12.0", 90),
  ],
  13: [
    row("onnxruntime-gpu==1.30.0", 247),
    row("nvidia-cuda-runtime~=13.0", 3),
    row("nvidia-cublas~=13.0", 444),
    row("nvidia-cudnn-cu13~=9.0", 517),
    row("nvidia-curand~=10.0", 77),
    row("nvidia-cuda-nvrtc~=13.0", 58),
  ],
};

/** What libraries take unpacked, and once more while they are moved. */
const diskMegabytes = 6000;

const action = "set up CUDA";

/** @param withoutDriver Whether to prepare a machine that has no driver yet, such as an image; CUDA 13 then. */
export function cudaRecipe({ withoutDriver }: { readonly withoutDriver: boolean }): Recipe {
  requireSystem();
  const driver = findCudaDriver();
  const cuda = withoutDriver && !hasDevice(driver) ? 13 : versionFor(driver);
  return {
    name: "cuda",
    title: "CUDA",
    enables: "--device cuda",
    version: packages[cuda].map(({ requirement }) => requirement).join(" "),
    downloads: packages[cuda],
    diskMegabytes,
    check: (work) => requirePip(action, work),
    build: (folder, work) => build(cuda, folder, work),
    verify: (folder, work) => (hasDevice(driver) ? verify(driver, folder, work) : Promise.resolve(null)),
  };
}

function requireSystem(): void {
  const system = `${process.platform} ${process.arch}`;
  if (system === "linux x64") return;
  throw new YfError("SETUP_FAILED", cannot(action, "its libraries are made for linux x64", system), {
    system,
  });
}

function versionFor(driver: CudaDriver | string): CudaVersion {
  const refuse = (rule: string, received?: string) =>
    new YfError("SETUP_FAILED", cannot(action, rule, received), { driver });
  if (typeof driver === "string") {
    const rule = "NVIDIA's driver must be installed (--without-driver prepares a machine that has none)";
    throw refuse(rule, driver);
  }
  if (driver.devices.length === 0) {
    const rule =
      "NVIDIA's driver must find a graphics processor (--without-driver prepares a machine that has none)";
    throw refuse(rule, `none, by a driver for CUDA ${driver.cuda}`);
  }
  if (driver.cuda < 12) throw refuse("NVIDIA's driver must run CUDA 12 or later", `CUDA ${driver.cuda}`);
  return driver.cuda < 13 ? 12 : 13;
}

/** What engines load: ONNX Runtime, its CUDA provider, and NVIDIA's libraries. */
const wanted = /^lib(onnxruntime|onnxruntime_providers_(cuda|shared)|cu\w+|nvrtc|nvrtc-builtins)\.so/;

async function build(cuda: CudaVersion, folder: string, work: Work): Promise<void> {
  const [wheels, scratch] = ["wheels", "scratch"].map((name) => join(folder, name));
  for (const place of [wheels, scratch]) mkdirSync(place);
  const requirements = packages[cuda].map(({ requirement }) => requirement);
  await unpackWheels(requirements, wheels, scratch, action, work);
  for (const entry of readdirSync(wheels, { recursive: true, encoding: "utf8" })) {
    if (wanted.test(basename(entry))) renameSync(join(wheels, entry), join(folder, basename(entry)));
  }
  for (const place of [wheels, scratch]) rmSync(place, { recursive: true });
}
