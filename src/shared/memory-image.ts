/**
 * A copy of all that a run goes on from: taken between two updates, put back before the threads start.
 *
 * Owns its bytes, which are no shared ones, and keeps them for the next copy: taking one allocates nothing. Knows neither
 * files nor what the bytes mean.
 */
import { cannot, YfError } from "../errors.ts";
import type { RunMemory } from "./run-memory.ts";

/** Parts that grow with the length of the run; a run that goes on for longer has more room in them. */
const growing: ReadonlySet<string> = new Set(["curve", "order"]);

export class MemoryImage {
  /** Copied bytes by the names of {@link RunMemory.kept}. */
  readonly sections: ReadonlyMap<string, Uint8Array>;

  private constructor(sections: ReadonlyMap<string, Uint8Array>) {
    this.sections = sections;
  }

  /** The image of a memory as it is now. Nobody may be inside the gate. */
  static of(memory: RunMemory): MemoryImage {
    const image = new MemoryImage(
      new Map(Array.from(memory.kept(), ([name, bytes]) => [name, new Uint8Array(bytes.length)])),
    );
    image.take(memory);
    return image;
  }

  /** An image that was taken elsewhere. @param sections Bytes by name; they are not copied. */
  static from(sections: ReadonlyMap<string, Uint8Array>): MemoryImage {
    return new MemoryImage(sections);
  }

  /** Copies the memory as it is now. Nobody may be inside the gate. @param memory The one that this is the image of. */
  take(memory: RunMemory): void {
    for (const [name, bytes] of memory.kept()) this.sections.get(name)?.set(bytes);
  }

  /**
   * Puts everything back. No thread may use the memory.
   *
   * @param memory Of the same shape, but that it may have room for more updates.
   * @throws {YfError} `BAD_LAYOUT` if a part is missing or has another length; nothing is written then.
   */
  restore(memory: RunMemory): void {
    const kept = memory.kept();
    for (const [name, { length }] of kept) {
      const found = this.sections.get(name)?.length ?? 0;
      if (found === length || growing.has(name)) continue;
      const rule = `its part ${name} must have ${length} bytes`;
      throw new YfError("BAD_LAYOUT", cannot("go on from the state of a run", rule, found), { name });
    }
    for (const [name, bytes] of kept) {
      const section = this.sections.get(name);
      if (section !== undefined) bytes.set(section.subarray(0, bytes.length));
    }
    memory.resume();
  }
}
