/**
 * One process of the scenario of checkpoints: trains the net of the first argument up to as many updates as the second says.
 * Where the third is `fresh` it leaves a checkpoint in the folder that the fourth names, where it is `resumed` it continues from there.
 * Prints the seconds from the start of the process to the first update.
 */
import { resolveOptions } from "../../../src/options/resolve-options.ts";
import { buildModel } from "../../../src/tfjs/models/build-model.ts";
import { mlp } from "../../../src/tfjs/models/mlp.ts";
import { trainWith } from "../../../src/train.ts";

const imageShape = [28, 28, 1];
const [net, maxUpdates, way, folder] = process.argv.slice(2);
const model =
  net === "lenet"
    ? buildModel("lenet", { inputShape: imageShape, classes: 10, seed: 1 })
    : mlp(1, imageShape, [2800, 2800], 10);
const place = way === "fresh" ? { checkpointDir: folder } : way === "resumed" ? { resume: folder } : {};
const { spec } = resolveOptions({ workers: 2, maxUpdates: Number(maxUpdates), ...place }, "library");
const { summary } = await trainWith(spec, { model }, { calledAt: performance.timeOrigin });
process.stdout.write(
  `${JSON.stringify({ startupSeconds: summary.startupSeconds, updates: summary.updates })}\n`,
);
