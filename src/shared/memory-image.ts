/**
 * A copy of everything that a run continues from: taken between two updates, put back before the threads start.
 *
 * Owns its bytes, which are not shared, and reuses them for the next copy, so that taking one allocates no arrays. Knows
 * neither files nor what the bytes mean.
 */
import { cannot, YfError } from "../errors.ts";
import type { RunMemory } from "./run-memory.ts";

export class MemoryImage {
  /** Copied bytes by the names of {@link RunMemory.kept}. */
  readonly sections: ReadonlyMap<string, Uint8Array>;

  private constructor(sections: ReadonlyMap<string, Uint8Array>) {
    this.sections = sections;
  }

  /** The image of a memory as it is now. No worker may be inside the gate. */
  static of(memory: RunMemory): MemoryImage {
    const image = new MemoryImage(
      new Map(Array.from(memory.kept(), ([name, { bytes }]) => [name, new Uint8Array(bytes.length)])),
    );
    image.take(memory);
    return image;
  }

  /** An image that was taken elsewhere. @param sections Bytes by name; they are not copied. */
  static from(sections: ReadonlyMap<string, Uint8Array>): MemoryImage {
    return new MemoryImage(sections);
  }

  /** Copies the memory as it is now. No worker may be inside the gate. @param memory The one that this is the image of. */
  take(memory: RunMemory): void {
    for (const [name, { bytes }] of memory.kept()) this.sections.get(name)?.set(bytes);
  }

  /**
   * Puts everything back. No thread may use the memory.
   *
   * @param memory Of the same shape, except that it may have room for more updates.
   * @throws {YfError} `BAD_LAYOUT` if a part is missing or has another length; nothing is written then.
   */
  restore(memory: RunMemory): void {
    const kept = memory.kept();
    for (const [name, { bytes, grows }] of kept) {
      const found = this.sections.get(name)?.length ?? 0;
      if (found === bytes.length || grows) continue;
      const rule = `its part ${name} must have ${bytes.length} bytes`;
      throw new YfError("BAD_LAYOUT", cannot("continue from the state of a run", rule, found), { name });
    }
    for (const [name, { bytes }] of kept) {
      const section = this.sections.get(name);
      if (section !== undefined) bytes.set(section.subarray(0, bytes.length));
    }
    memory.resume();
  }
}
