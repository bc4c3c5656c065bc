/**
 * Tries a device in a process of its own: a driver that ends its process, or prints what was not asked for, does neither in
 * this one.
 */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { cannot, YfError } from "../errors.ts";
import type { Device } from "../ort/device.ts";
import { tryEngine } from "./try-engine.ts";

/** What the process prints, as one line of JSON: null if it could compute. */
type Verdict = Pick<YfError, "code" | "message"> | null;

/** @param environment Variables beside those of this process. @throws {YfError} As the device itself; ENGINE_FAILED. */
export function tryDevice(
  device: Device,
  { environment = {}, signal }: { environment?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<void> {
  const program = createRequire(import.meta.url).resolve("#try-device");
  const options = { env: { ...process.env, ...environment }, ...(signal === undefined ? {} : { signal }) };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, device], options, (error, stdout) => {
      const verdict = verdictIn(stdout);
      if (verdict === null && error === null) resolve();
      else if (verdict) reject(new YfError(verdict.code, verdict.message, { device }));
      else {
        const rule = "a process that tries it must not end before it has";
        reject(
          new YfError(
            "ENGINE_FAILED",
            cannot(`use the device ${device}`, rule, error?.message),
            { device },
            error,
          ),
        );
      }
    });
  });
}

/** Undefined if the process did not come to one. */
function verdictIn(stdout: string): Verdict | undefined {
  const line = stdout.trim().split("\n").at(-1) ?? "";
  return line === "" ? undefined : (JSON.parse(line) as Verdict);
}

/** What that process does. */
export async function reportDevice(device: Device): Promise<void> {
  let verdict: Verdict = null;
  try {
    await tryEngine("ort", device);
  } catch (error) {
    const { code, message } =
      error instanceof YfError ? error : { code: "ENGINE_FAILED" as const, message: String(error) };
    verdict = { code, message };
  }
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
}
