/** What a thread does last: gives back what its engines would keep beyond its end. */
import type { EngineName } from "./engine.ts";

/** @param engine The one that it used; none of its engines may be open any more, or run again. */
export async function leaveThread(engine: EngineName): Promise<void> {
  if (engine === "ort") (await import("../ort/c-api.ts")).forgetFunctions();
}
