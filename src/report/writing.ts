/** The one error of everything that writes results. */
import { cannot, YfError } from "../errors.ts";

/**
 * Runs `write` and turns what the file system says into one sentence.
 *
 * @param what What is written, to follow "Cannot write ".
 * @throws {YfError} `NOT_WRITABLE` with the system's reason and its error code in `details`.
 */
export function writing<T>(what: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw notWritable(what, error);
  }
}

/** What {@link writing} throws. @param error Of the file system. */
export function notWritable(what: string, error: unknown): YfError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new YfError(
    "NOT_WRITABLE",
    cannot(`write ${what}`, "its folder must exist and take data", message),
    { path: what, reason: code },
    error,
  );
}
