/** Entry of the process that tries a device; see `src/engine/try-device.ts`. */
import { reportDevice } from "../src/engine/try-device.ts";
import type { Device } from "../src/ort/device.ts";

await reportDevice(process.argv[2] as Device);
