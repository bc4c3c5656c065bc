/**
 * Every error class of the package and the one form that their messages have.
 *
 * Pure functions throw the built-in `TypeError` and `RangeError` for bad arguments. Whatever a caller of the
 * library may want to catch, and whatever a user of the command line can cause, is a {@link YfError} with a
 * stable code. The text is always one sentence: "Cannot ACTION: RULE (got VALUE)".
 */

/** Stable codes of {@link YfError}, by what went wrong. */
export type YfErrorCode =
  | "BAD_OPTION"
  | "BAD_DATA"
  | "BAD_MODEL"
  | "BAD_LOSS"
  | "BAD_WEIGHTS"
  | "BAD_ORDER"
  | "BAD_CHECKPOINT"
  | "BAD_GRID"
  | "BAD_RESULT"
  | "BAD_RUN"
  | "NO_PORT"
  | "NO_TRACE"
  | "NO_LOWERING"
  | "NO_ENGINE"
  | "NO_DEVICE"
  | "SETUP_FAILED"
  | "ENGINE_FAILED"
  | "OUTPUT_EXISTS"
  | "IN_USE"
  | "NON_FINITE"
  | "DIVERGED"
  | "WORKER_FAILED"
  | "NO_MEMORY"
  | "NOT_WRITABLE"
  | "BAD_LAYOUT";

/** Codes of mistakes in what the user asked for (exit code 2); every other code is a run that failed (1). */
const usageCodes: ReadonlySet<YfErrorCode> = new Set([
  "BAD_OPTION",
  "BAD_DATA",
  "BAD_MODEL",
  "BAD_LOSS",
  "BAD_WEIGHTS",
  "BAD_ORDER",
  "BAD_CHECKPOINT",
  "BAD_GRID",
  "BAD_RESULT",
  "BAD_RUN",
  "NO_PORT",
  "NO_TRACE",
  "NO_LOWERING",
  "OUTPUT_EXISTS",
  "IN_USE",
]);

/** An error that a caller may catch: a stable `code`, one sentence, and the facts of the case as `details`. */
export class YfError extends Error {
  /** Always "YfError". */
  override readonly name = "YfError";
  /** What went wrong, for programs. */
  readonly code: YfErrorCode;
  /** The facts of the case, such as the worker's rank. */
  readonly details: Readonly<Record<string, unknown>>;

  /** @param message One sentence. @param cause The error behind this one. */
  constructor(code: YfErrorCode, message: string, details: Record<string, unknown>, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }

  /** Exit code of a command that ends with this error: 2 for wrong input, 1 for a run that failed. */
  get exitCode(): 1 | 2 {
    return usageCodes.has(this.code) ? 2 : 1;
  }
}

/**
 * The sentence every error is made of: "Cannot `action`: `rule` (got `received`)".
 *
 * @param rule What must hold. It follows a colon, so a rule about the action's own object begins with its verb: "must be ...".
 * @param received The value that broke the rule; undefined where none did, or where the sentence already has it.
 * @example
 * ```ts
 * cannot("parse --workers", "must be an integer in [1, 256]", "0");
 * // → 'Cannot parse --workers: must be an integer in [1, 256] (got "0")'
 * ```
 */
export function cannot(action: string, rule: string, received?: unknown): string {
  const got = received === undefined ? "" : ` (got ${show(received)})`;
  // Names out of files may have line breaks and worse in them.
  return `Cannot ${action}: ${rule}${got}`.replace(/\p{Cc}+/gu, " ");
}

/** Writes a received value the way a reader would type it, cut at 200 characters. */
function show(value: unknown): string {
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : Array.isArray(value)
        ? `[${value.join(", ")}]`
        : String(value);
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}
