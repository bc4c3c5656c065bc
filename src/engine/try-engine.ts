/** Finds out whether an engine works here, by a gradient that is known. Any thread. */
import type { Device } from "../ort/device.ts";
import { layers } from "../tfjs/tf.ts";
import { trace } from "../tfjs/trace.ts";
import { compile } from "./compile.ts";
import type { EngineName } from "./engine.ts";
import { openEngine } from "./open-engine.ts";

/**
 * Computes a gradient: y = 3·x at x = 2, label 5, loss (y − 5)², whose derivative is 2·(6 − 5)·2.
 *
 * @throws {Error} If the engine cannot, or computes something else.
 */
export async function tryEngine(name: EngineName, device: Device = "cpu"): Promise<void> {
  const model = layers.sequential({
    layers: [layers.layers.dense({ inputShape: [1], units: 1, useBias: false })],
  });
  try {
    const type = { shape: [1], dtype: "float32" } as const;
    const traced = { model, loss: "meanSquaredError", features: [type], labels: [type] } as const;
    const graph = trace({ ...traced, batchSize: 1, training: true });
    const engine = await openEngine(compile(graph, name, device), { seed: 0, lowMemory: true });
    engine.buffers.features[0].set([2]);
    engine.buffers.labels[0].set([5]);
    engine.buffers.parameters.set([3]);
    const loss = await engine.run();
    const [gradient] = engine.buffers.gradient;
    await engine.dispose();
    if (loss === 1 && gradient === 4) return;
    throw new Error(`loss 1 and gradient 4 came out as ${loss} and ${gradient}`);
  } finally {
    model.dispose();
  }
}
