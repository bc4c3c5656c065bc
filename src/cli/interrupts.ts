/** Ctrl-C: the first asks the run to end and save, the second ends the process at once. */

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

export interface Interrupts {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** By convention 128 + the number of the signal that came; null as long as none did. */
  readonly exitCode: number | null;
  /** Leaves signals to Node.js again. */
  release(): void;
}

export function catchInterrupts(): Interrupts {
  const controller = new AbortController();
  let exitCode: number | null = null;
  const handler = (name: NodeJS.Signals) => {
    const code = exitCodes[name as keyof typeof exitCodes];
    if (controller.signal.aborted) process.exit(code);
    exitCode = code;
    controller.abort();
  };
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  for (const name of names) process.on(name, handler);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const name of names) process.off(name, handler);
    },
  };
}
