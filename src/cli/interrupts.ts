/** Ctrl-C: the first asks the run to end and save, the second ends the process at once. */

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

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

/** @param from `listen` for a run that has nothing to save yet: until it is called signals are left to Node.js. */
export function catchInterrupts(from: "now" | "listen" = "now"): Interrupts {
  const controller = new AbortController();
  let exitCode: number | null = null;
  const handler = (name: NodeJS.Signals) => {
    const code = exitCodes[name as keyof typeof exitCodes];
    if (controller.signal.aborted) process.exit(code);
    exitCode = code;
    controller.abort();
  };
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  const listen = () => {
    for (const name of names) process.on(name, handler);
  };
  if (from === "now") listen();
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    listen,
    release() {
      for (const name of names) process.off(name, handler);
    },
  };
}
