/** Ctrl-C and the other signals that ask a run to end and save; a second Ctrl-C ends the process at once. */
import { endingSignals, exitCodeOf, hangupIsIgnored, urgentSignals } from "./signals.ts";
import { onLostParent } from "./supervised-process.ts";

export interface Interrupts {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** By convention 128 + the number of the signal that came; null as long as none did. */
  readonly exitCode: number | null;
  /** Takes signals from Node.js, which ends the process by them, whatever it is at. */
  listen(): void;
  /** Leaves signals to Node.js again. */
  release(): void;
}

/**
 * @param from `listen` for a run that has nothing to save yet: until it is called signals end the process.
 * @param outlivesTerminal Whether a closed terminal is no reason to end.
 */
export function catchInterrupts(
  from: "now" | "listen" = "now",
  outlivesTerminal: boolean = hangupIsIgnored(),
): Interrupts {
  const controller = new AbortController();
  let exitCode: number | null = null;
  let urgent = false;
  let listening = from === "now";
  const handler = (name: NodeJS.Signals) => {
    if (name === "SIGHUP" && outlivesTerminal) return;
    const code = exitCodeOf(name);
    if (!listening) process.exit(code);
    if (urgentSignals.includes(name)) {
      if (urgent) process.exit(code);
      urgent = true;
    }
    exitCode ??= code;
    controller.abort();
  };
  // Node.js itself ends by most of them, even while our code is busy; by SIGUSR1 it would open its debugger.
  const early = (name: NodeJS.Signals) => name === "SIGUSR1" || (name === "SIGHUP" && outlivesTerminal);
  const take = (names: readonly NodeJS.Signals[]) => {
    for (const name of names) if (!process.listeners(name).includes(handler)) process.on(name, handler);
  };
  take(listening ? endingSignals : endingSignals.filter(early));
  const forgetParent = onLostParent(() => handler("SIGTERM"));
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    listen() {
      listening = true;
      take(endingSignals);
    },
    release() {
      for (const name of endingSignals) process.off(name, handler);
      forgetParent();
    },
  };
}
