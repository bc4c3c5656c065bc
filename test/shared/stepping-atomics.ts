/**
 * The actor's side of the stepping scheduler: atomics that ask for permission before every operation.
 *
 * An actor is a thread that runs real code of src/shared on these atomics. Before each operation it tells the
 * stage that it is paused, and sleeps until the stage lets it continue. So exactly one actor runs at any time, and
 * the stage chooses which. `waiting` models Atomics.wait: such an actor may continue only after a notify on its
 * address, or, if it waits with a time limit, when the stage chooses that the limit has passed.
 */
import type { AtomicOperations, WaitResult } from "../../src/shared/atomics.ts";

/** Where an actor stands; the first word of its control words. */
export const actorState = { idle: 0, running: 1, paused: 2, waiting: 3, waitingWithLimit: 4 } as const;

/** Control words of an actor: state, address it waits on, address it just notified (0 for none), whether woken. */
export const controlWords = { state: 0, waitsOn: 1, notified: 2, woken: 3, length: 4 } as const;

export class SteppingAtomics implements AtomicOperations {
  readonly #control: Int32Array;

  constructor(control: Int32Array) {
    this.#control = control;
  }

  /** Tells the stage where this actor stands and sleeps until it may continue. */
  yieldAs(state: number): void {
    Atomics.store(this.#control, controlWords.state, state);
    Atomics.notify(this.#control, controlWords.state);
    // In a loop: the notify that belongs to the step before may arrive only now.
    while (Atomics.load(this.#control, controlWords.state) === state) {
      Atomics.wait(this.#control, controlWords.state, state);
    }
  }

  load(view: Int32Array, index: number): number {
    this.yieldAs(actorState.paused);
    return Atomics.load(view, index);
  }

  store(view: Int32Array, index: number, value: number): void {
    this.yieldAs(actorState.paused);
    Atomics.store(view, index, value);
  }

  add(view: Int32Array, index: number, value: number): number {
    this.yieldAs(actorState.paused);
    return Atomics.add(view, index, value);
  }

  compareExchange(view: Int32Array, index: number, expected: number, replacement: number): number {
    this.yieldAs(actorState.paused);
    return Atomics.compareExchange(view, index, expected, replacement);
  }

  loadLong(view: BigInt64Array, index: number): bigint {
    this.yieldAs(actorState.paused);
    return Atomics.load(view, index);
  }

  storeLong(view: BigInt64Array, index: number, value: bigint): void {
    this.yieldAs(actorState.paused);
    Atomics.store(view, index, value);
  }

  addLong(view: BigInt64Array, index: number, value: bigint): bigint {
    this.yieldAs(actorState.paused);
    return Atomics.add(view, index, value);
  }

  wait(view: Int32Array, index: number, value: number, timeoutMs: number): WaitResult {
    this.yieldAs(actorState.paused);
    if (Atomics.load(view, index) !== value) return "not-equal";
    Atomics.store(this.#control, controlWords.woken, 0);
    Atomics.store(this.#control, controlWords.waitsOn, address(view, index));
    this.yieldAs(timeoutMs === Number.POSITIVE_INFINITY ? actorState.waiting : actorState.waitingWithLimit);
    return Atomics.load(this.#control, controlWords.woken) === 1 ? "ok" : "timed-out";
  }

  notify(view: Int32Array, index: number): void {
    this.yieldAs(actorState.paused);
    Atomics.store(this.#control, controlWords.notified, address(view, index));
  }

  /** The array, pausing before each plain read and write of an element: a payload that can be caught half written. */
  stepped<T extends Float32Array | Float64Array>(array: T): T {
    const pause = (key: string | symbol) => {
      if (typeof key === "string" && /^\d+$/.test(key)) this.yieldAs(actorState.paused);
    };
    return new Proxy(array, {
      get: (target, key) => {
        pause(key);
        return Reflect.get(target, key, target);
      },
      set: (target, key, value) => {
        pause(key);
        return Reflect.set(target, key, value, target);
      },
    });
  }
}

/** Byte address of an element, plus 1 so that 0 can mean none. */
const address = (view: Int32Array, index: number): number =>
  view.byteOffset + index * view.BYTES_PER_ELEMENT + 1;
