/**
 * The stage of the stepping scheduler: runs a scenario's actors in threads, one operation at a time, in an order
 * that the caller chooses, and goes through all orders with few preemptions.
 *
 * Bounding the preemptions (switches away from an actor that could continue) keeps the number of orders small and
 * still finds most faults: Musuvathi, Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded
 * Programs", PLDI 2007.
 */
import { once } from "node:events";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { byteLengthOf } from "../../src/shared/layout.ts";
import { type Scenario, type ScenarioName, scenarios } from "./scenarios.ts";
import { actorState, controlWords } from "./stepping-atomics.ts";

/** Compiled with the rest of the package by `npm run build`. */
const workerFile = new URL("../../dist/test/shared/stepping.worker.js", import.meta.url);

/** One moment at which the stage chose: which actors could continue, which one did, and which one had before. */
interface Choice {
  readonly runnable: readonly number[];
  readonly chosen: number;
  readonly before: number | null;
}

export interface Outcome {
  /** What each actor returned, null if it never ended. */
  readonly results: unknown[];
  readonly choices: Choice[];
  /** Whether some actors were left sleeping with none to wake them. */
  readonly deadlock: boolean;
}

export class Stage {
  readonly buffer: SharedArrayBuffer;
  readonly #scenario: ScenarioName;
  readonly #actors: { worker: Worker; port: MessagePort; control: Int32Array }[] = [];

  private constructor(scenario: ScenarioName) {
    this.#scenario = scenario;
    this.buffer = new SharedArrayBuffer(byteLengthOf((scenarios[scenario] as Scenario).regions));
  }

  static async open(scenario: ScenarioName): Promise<Stage> {
    const stage = new Stage(scenario);
    for (const actor of scenarios[scenario].actors.keys()) {
      const { port1, port2 } = new MessageChannel();
      const control = new Int32Array(new SharedArrayBuffer(4 * controlWords.length));
      control[controlWords.state] = actorState.running;
      const workerData = { actor, buffer: stage.buffer, control, port: port2 };
      const worker = new Worker(workerFile, { workerData, transferList: [port2] });
      await once(worker, "online");
      stage.#actors.push({ worker, port: port1, control });
    }
    for (const { control } of stage.#actors) settle(control);
    return stage;
  }

  /** Runs the scenario once: the actors of `prefix` first, then each as long as it can. */
  run(prefix: readonly number[]): Outcome {
    new Uint8Array(this.buffer).fill(0);
    const results: unknown[] = this.#actors.map(() => null);
    const running = new Set(this.#actors.keys());
    for (const { port, control } of this.#actors) {
      port.postMessage(this.#scenario);
      // From idle to the first operation: nothing shared happens on the way.
      resume(control);
    }
    const choices: Choice[] = [];
    let before: number | null = null;
    for (;;) {
      for (const actor of running) {
        const { control, port } = this.#actors[actor];
        if (Atomics.load(control, controlWords.state) === actorState.idle) {
          const { result, error } = receiveMessageOnPort(port)?.message ?? {};
          if (error !== undefined) throw error;
          results[actor] = result;
          running.delete(actor);
        }
      }
      if (running.size === 0) return { results, choices, deadlock: false };
      const runnable = [...running].filter((actor) => this.#state(actor) !== actorState.waiting);
      if (runnable.length === 0) return { results, choices, deadlock: true };
      const preferred: number | null = before !== null && runnable.includes(before) ? before : runnable[0];
      const chosen: number = prefix[choices.length] ?? preferred;
      choices.push({ runnable, chosen, before });
      resume(this.#actors[chosen].control);
      this.#wakeWhomNotified(chosen);
      before = chosen;
    }
  }

  /** Every order of operations with at most `preemptions` preemptions, once each. */
  *runAll(preemptions: number): Generator<Outcome> {
    const pending: number[][] = [[]];
    for (let prefix = pending.pop(); prefix !== undefined; prefix = pending.pop()) {
      const outcome = this.run(prefix);
      yield outcome;
      let used = 0;
      const chosen = outcome.choices.map((choice) => choice.chosen);
      for (const [i, { runnable, before, chosen: here }] of outcome.choices.entries()) {
        const couldStay = before !== null && runnable.includes(before);
        if (i >= prefix.length) {
          for (const other of runnable) {
            const cost = couldStay && other !== before ? 1 : 0;
            if (other !== here && used + cost <= preemptions) pending.push([...chosen.slice(0, i), other]);
          }
        }
        if (couldStay && here !== before) used++;
      }
    }
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    for (const { worker, port } of this.#actors) {
      port.close();
      await worker.terminate();
    }
  }

  #state(actor: number): number {
    return Atomics.load(this.#actors[actor].control, controlWords.state);
  }

  #wakeWhomNotified(notifier: number): void {
    const notified = Atomics.exchange(this.#actors[notifier].control, controlWords.notified, 0);
    if (notified === 0) return;
    for (const [actor, { control }] of this.#actors.entries()) {
      const sleeps =
        this.#state(actor) === actorState.waiting || this.#state(actor) === actorState.waitingWithLimit;
      if (!sleeps || Atomics.load(control, controlWords.waitsOn) !== notified) continue;
      Atomics.store(control, controlWords.woken, 1);
      // Awake, and on to the point before its next operation: again nothing shared happens on the way.
      resume(control);
    }
  }
}

/** Lets an actor do one operation, and waits until it stands before the next one. */
function resume(control: Int32Array): void {
  Atomics.store(control, controlWords.state, actorState.running);
  Atomics.notify(control, controlWords.state);
  settle(control);
}

function settle(control: Int32Array): void {
  while (Atomics.load(control, controlWords.state) === actorState.running) {
    const result = Atomics.wait(control, controlWords.state, actorState.running, 30_000);
    if (result === "timed-out")
      throw new Error("An actor of the stepping scheduler neither paused nor ended");
  }
}
