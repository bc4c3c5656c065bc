/** Thread of one actor of the stepping scheduler: waits for a scenario, runs its part, posts what it saw. */
import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { viewsOf } from "../../src/shared/layout.ts";
import { type Scenario, type ScenarioName, scenarios } from "./scenarios.ts";
import { actorState, SteppingAtomics } from "./stepping-atomics.ts";

const { actor, buffer, control, port } = workerData as {
  actor: number;
  buffer: SharedArrayBuffer;
  control: Int32Array;
  port: MessagePort;
};
const atomics = new SteppingAtomics(control);

for (;;) {
  atomics.yieldAs(actorState.idle);
  const name: ScenarioName = receiveMessageOnPort(port)?.message;
  const { regions, actors } = scenarios[name] as Scenario;
  try {
    port.postMessage({ result: actors[actor](viewsOf(regions, buffer), atomics) });
  } catch (error) {
    port.postMessage({ error });
  }
}
