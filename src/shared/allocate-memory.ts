/** Allocates the shared memory of a run, or says why there is none. */
import { cannot, YfError } from "../errors.ts";
import type { RunShape } from "./run-shape.ts";

const pageBytes = 65_536;
/** Where 32-bit addresses end, and WebAssembly memory with them. */
const maxPages = 65_536;

/**
 * Zeroed memory of at least `byteLength` bytes, which never grows.
 *
 * @throws {YfError} NO_MEMORY when that is more than 4 GiB or more than the machine has.
 */
export function allocateMemory(byteLength: number, shape: RunShape): WebAssembly.Memory {
  const pages = Math.ceil(byteLength / pageBytes);
  const fail = (rule: string, cause?: unknown) =>
    new YfError(
      "NO_MEMORY",
      cannot(
        "allocate the shared memory of the run",
        rule,
        `${Math.ceil((pages * pageBytes) / 2 ** 20)} MiB`,
      ),
      { parameterCount: shape.parameterCount, workers: shape.workers },
      cause,
    );
  if (pages > maxPages)
    throw fail("WebAssembly memory ends at 4096 MiB; fewer workers or parameters need less");
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw fail("this machine must have so much free address space", cause);
  }
}
