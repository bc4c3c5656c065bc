/** NVIDIA's driver, by its own word: `libcuda.so.1`, which comes with it and with nothing else. */
import koffi, { type LibraryHandle } from "koffi";
import { cannot, YfError } from "../errors.ts";

export interface CudaDriver {
  /** The newest CUDA that it runs, such as 13.2. */
  readonly cuda: number;
  /** Names of the graphics processors that it finds; none where it cannot reach any. */
  readonly devices: readonly string[];
}

const driverLibrary = "libcuda.so.1";

/** @returns The driver, or the reason why it cannot be loaded. */
export function findCudaDriver(): CudaDriver | string {
  try {
    const library = koffi.load(driverLibrary);
    const version = [0];
    const getVersion = library.func("int cuDriverGetVersion(_Out_ int *version)");
    if (getVersion(version) !== 0) return `${driverLibrary}, which does not tell its version`;
    // 1000 times the major and 10 times the minor one.
    const cuda = Math.floor(version[0] / 1000) + Math.floor((version[0] % 1000) / 10) / 10;
    return { cuda, devices: deviceNames(library) };
  } catch (error) {
    return `${driverLibrary}: ${(error as Error).message.replace(/^Failed to load shared library: /, "")}`;
  }
}

/** @throws {YfError} NO_DEVICE unless there is a driver with a graphics processor. */
export function requireCudaDriver(): void {
  const driver = findCudaDriver();
  if (typeof driver === "string") throw noCuda("NVIDIA's driver must be installed", driver);
  if (driver.devices.length > 0) return;
  throw noCuda("NVIDIA's driver must find a graphics processor", `none, by a driver for CUDA ${driver.cuda}`);
}

export function noCuda(rule: string, received?: string): YfError {
  return new YfError("NO_DEVICE", cannot("use the device cuda", rule, received), {
    device: "cuda",
    received,
  });
}

function deviceNames(library: LibraryHandle): string[] {
  const init = library.func("int cuInit(unsigned int flags)");
  const getCount = library.func("int cuDeviceGetCount(_Out_ int *count)");
  const getName = library.func("int cuDeviceGetName(_Out_ char *name, int length, int device)");
  const count = [0];
  if (init(0) !== 0 || getCount(count) !== 0) return [];
  return Array.from({ length: count[0] }, (_, device) => {
    const name = Buffer.alloc(128);
    return getName(name, name.length, device) === 0 ? name.toString("latin1").replace(/\0.*$/s, "") : "?";
  });
}
