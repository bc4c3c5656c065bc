/** One thing that works here, or does not. */
export interface Finding {
  /** What it is part of. */
  readonly kind: "machine" | "engine" | "device" | "model" | "data";
  readonly name: string;
  readonly works: boolean;
  /** Version, size, place, or why it does not work. */
  readonly detail: string;
  /** What to do so that it works; null where it does, or nothing helps. */
  readonly enable: string | null;
}
