/**
 * The part of the WebAssembly API that this package uses.
 *
 * TypeScript declares it only together with the whole DOM, most of which Node does not have.
 * Source: WebAssembly JavaScript Interface, W3C, with shared memories of the threads proposal.
 */
declare namespace WebAssembly {
  interface MemoryDescriptor {
    /** Pages of 64 KiB. */
    initial: number;
    maximum: number;
    shared: true;
  }

  /** A shared memory; it never moves, so views of its buffer stay valid. */
  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: SharedArrayBuffer;
  }

  class Module {
    constructor(bytes: NodeJS.ArrayBufferView);
    /** Modules are opaque; the field keeps other objects from passing for one. */
    private readonly opaque: never;
  }

  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, Memory>>);
    readonly exports: Record<string, unknown>;
  }
}
