/** ONNX Runtime's own state, which everything else of it needs: one for each library. */
import { type Address, type CApi, cApi } from "./c-api.ts";
import type { Device } from "./device.ts";

/** Severity from which ONNX Runtime prints. What fails is in the status of a call; printed as well, it is said twice. */
const logFatal = 4;

/** ONNX Runtime counts who holds it, and it stays until the process ends. */
const environments = new Map<CApi, Address>();

/** Starts the library that serves a device, once per thread. @throws {YfError} NO_ENGINE, NO_DEVICE. */
export function environmentFor(device: Device): Address {
  const api = cApi(device);
  const environment = environments.get(api) ?? api.create("createEnv", logFatal, "yf-async");
  environments.set(api, environment);
  return environment;
}
