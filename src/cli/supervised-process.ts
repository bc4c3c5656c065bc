/** What a process knows that trains under `yf-async train --supervise`: which run it works at, and whether its parent lives. */

/** Environment variable with the run, the same for all of its processes. */
export const supervisedVariable = "YF_ASYNC_SUPERVISED";

/** Which supervised run this process works at; null for a run that no one supervises. */
export const supervisedAs = (): string | null => process.env[supervisedVariable] ?? null;

/**
 * Has something done when the parent ends, as no one would start this process again or could stop it by its terminal.
 *
 * @param act Is never called in a process that is not supervised. @returns What ends that.
 */
export function onLostParent(act: () => void): () => void {
  if (supervisedAs() === null || process.channel == null) return () => undefined;
  process.on("disconnect", act);
  // A channel alone is no reason to stay.
  process.channel.unref();
  return () => process.off("disconnect", act);
}
