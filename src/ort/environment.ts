/** ONNX Runtime's own state, which everything else of it needs: one for each library. */
import { type Address, type CApi, cApi, cpuMemory } from "./c-api.ts";
import type { Device } from "./device.ts";

/** Severity from which ONNX Runtime prints. What fails is in the status of a call; printed as well, it is said twice. */
const logFatal = 4;

/** Of `createArenaCfg`: no limit; `kSameAsRequested`; whatever ONNX Runtime takes. */
const [unlimited, asRequested, byDefault] = [0, 1, -1];

/** ONNX Runtime counts who holds it, and it stays until the process ends. */
const environments = new Map<CApi, Address>();

/** Starts the library that serves a device, once per thread. @throws {YfError} NO_ENGINE, NO_DEVICE. */
export function environmentFor(device: Device): Address {
  const api = cApi(device);
  const known = environments.get(api);
  if (known !== undefined) return known;
  const environment = api.create("createEnv", logFatal, "yf-async");
  environments.set(api, environment);
  if (device === "cpu") shareArena(api, environment);
  return environment;
}

/**
 * Gives all sessions of the process one arena for what they compute in between, which grows by what is asked for: programs
 * for several sizes of minibatches then need the memory of those that run at a time, and none is asked for twice over.
 */
function shareArena(api: CApi, environment: Address): void {
  const memory = api.create("createCpuMemoryInfo", ...cpuMemory);
  const arena = api.create("createArenaCfg", unlimited, asRequested, byDefault, byDefault);
  try {
    api.createAndRegisterAllocator(environment, memory, arena);
  } catch (error) {
    // Another thread of the process has done so, and whoever asks next would be too late.
    if (!`${error}`.includes("already")) throw error;
  } finally {
    api.release("arenaCfg", arena);
    api.release("memoryInfo", memory);
  }
}
