/** Why a run ends, as the stop flag's codes in shared memory and as the names that people see. */
import type { StopReason } from "../report/run-event.ts";

const codes: readonly StopReason[] = [
  "completed",
  "time",
  "target-accuracy",
  "aborted",
  "failed",
  "patience",
  "target",
];

/** Code of a reason in the stop flag; 0 there means that no one asked to stop. */
export function stopCode(reason: StopReason): number {
  return codes.indexOf(reason);
}

/** @param code What the stop flag holds at the end of a run. */
export function stopReason(code: number): StopReason {
  return codes[code];
}
