/** Whether so many workers must take turns on the cores of this machine. */
import { usableCores } from "./machine.ts";

export function isOversubscribed(workers: number): boolean {
  return workers > usableCores();
}
