/** Whether the tests of WebGPU can run here; `.config/vitest.config.ts` names an adapter where it finds one. */
import { YfError } from "../../src/errors.ts";
import { requireDevice } from "../../src/ort/append-provider.ts";

export const hasAdapter = isThere();

export const needsAdapter = "needs a graphics adapter for WebGPU";

function isThere(): boolean {
  try {
    requireDevice("webgpu");
    return true;
  } catch (error) {
    if (error instanceof YfError && error.code === "NO_DEVICE") return false;
    throw error;
  }
}
