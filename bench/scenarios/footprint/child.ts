/**
 * One process of the footprint scenario, about a net whose name is the second argument.
 *
 * `compile NET`: traces it and lowers it for one size of minibatch, and prints how long that took and what it came to.
 * `train NET WORKERS [JITTER]`: trains it for some updates on random data, and prints when every worker had made one and the
 * most memory that the process took.
 */
import { resolveOptions } from "../../../src/options/resolve-options.ts";
import { footprintNets } from "./nets.ts";

const [what, name, workers, batchJitter] = process.argv.slice(2);
const net = footprintNets.find((one) => one.name === name);
if (net === undefined) throw new Error(`Cannot measure a net: its name must be known (got ${name})`);

/** Enough for every worker to make some, and to have run minibatches of several sizes. */
const updatesPerWorker = 8;

const measure = { compile: compileOnce, train: trainBriefly }[what as "compile" | "train"];
process.stdout.write(`${JSON.stringify(await measure(net))}\n`);

type Net = NonNullable<typeof net>;

async function compileOnce({ batchSize, data, name: model }: Net): Promise<unknown> {
  const [{ fromArrays }, { compile }, { buildModel }, { trace }] = await Promise.all([
    import("../../../src/data/from-arrays.ts"),
    import("../../../src/engine/compile.ts"),
    import("../../../src/tfjs/models/build-model.ts"),
    import("../../../src/tfjs/trace.ts"),
  ]);
  const { features, labels } = fromArrays(data(batchSize));
  const [{ shape: inputShape }] = features;
  const built = buildModel(model, { inputShape, classes: labels[0].classes ?? 0, seed: 1 });
  const begin = performance.now();
  const loss = "sparseSoftmaxCrossEntropy";
  const graph = trace({ model: built, loss, features, labels, batchSize, training: true });
  const traced = performance.now();
  const { code, parameterCount } = compile(graph, "ort");
  const lowered = performance.now();
  const { buffer, length } = code as Uint8Array;
  return {
    traceSeconds: (traced - begin) / 1000,
    lowerSeconds: (lowered - traced) / 1000,
    bytes: length,
    isShared: buffer instanceof SharedArrayBuffer,
    parameterCount,
  };
}

async function trainBriefly({ batchSize, data, name: model }: Net): Promise<unknown> {
  const { trainWith } = await import("../../../src/train.ts");
  const maxUpdates = updatesPerWorker * Number(workers);
  const { spec } = resolveOptions(
    {
      model,
      workers: Number(workers),
      batchSize,
      maxUpdates,
      ...(batchJitter === undefined ? {} : { batchJitter }),
    },
    "library",
  );
  const own = { data: { train: data(maxUpdates * batchSize) } };
  const { summary } = await trainWith(spec, own, { calledAt: performance.timeOrigin });
  const { maxRSS } = process.resourceUsage();
  return { readySeconds: summary.readySeconds, memoryBytes: 1024 * maxRSS };
}
