/**
 * Somebody who looks at the dashboard at the first argument whenever a line `look` comes on standard input, until a line `leave`:
 * reads everything that the dashboard sends. At the end of its input it prints how many states of the run those were.
 */
import { createInterface } from "node:readline";
import type { DashboardState } from "../../../src/dashboard/message.ts";

const events = new URL("events", process.argv[2]);
let states = 0;

async function look(signal: AbortSignal): Promise<void> {
  const response = await fetch(events, { signal });
  if (!response.ok || response.body === null) throw new Error(`the dashboard answered ${response.status}`);
  let unread = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (unread + text).split("\n\n");
    unread = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      const { charts } = JSON.parse(data) as DashboardState;
      if (Object.keys(charts).length > 0) states++;
    }
  }
}

let leaving = new AbortController();
for await (const line of createInterface({ input: process.stdin })) {
  leaving.abort();
  if (line !== "look") continue;
  leaving = new AbortController();
  const { signal } = leaving;
  look(signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
leaving.abort();
process.stdout.write(`${states}\n`);
