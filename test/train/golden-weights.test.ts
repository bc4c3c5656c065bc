/**
 * The bits of short runs, kept: whoever rearranges code and changes a number hears of it here.
 *
 * The engine `reference` computes in JavaScript's float64, and the kernels over whole vectors are WebAssembly without
 * relaxed SIMD, so every processor and both versions of Node.js have the same bits. A change that is meant to alter
 * numbers prints its own table: `YF_GOLDEN=print npx vitest run --config .config/vitest.config.ts test/train/golden-weights`.
 */
import { createHash } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { layers } from "../../src/tfjs/tf.ts";
import { readWeights } from "../../src/tfjs/weights.ts";
import { type TrainOptions, train } from "../../src/train.ts";
import { blobs } from "./tiny.ts";

const { dense, dropout } = layers.layers;

/** 103 weights, no multiple of a SIMD register, drawn by seed; and a dropout mask for every minibatch. */
const model = () =>
  layers.sequential({
    layers: [
      dense({
        units: 9,
        activation: "relu",
        inputShape: [6],
        kernelInitializer: layers.initializers.glorotNormal({ seed: 3 }),
      }),
      dropout({ rate: 0.25 }),
      dense({ units: 4, kernelInitializer: layers.initializers.glorotUniform({ seed: 4 }) }),
    ],
  });

const data = { train: blobs(128, 1) };

/** Every option that has a default by the machine is given. */
const base = {
  engine: "reference",
  data,
  batchSize: 8,
  batchJitter: "none",
  optimizer: "yellowfin",
  maxUpdates: 80,
  workers: 1,
  seed: 7,
} as const satisfies Omit<TrainOptions, "model">;

/** Three workers in turn, as a run of free threads might have been recorded. */
const order = {
  workers: 3,
  weights: ["6x9", "9", "9x4", "4"],
  entries: Int32Array.from({ length: 3 * base.maxUpdates }, (_, i) => {
    const update = Math.floor(i / 3);
    return [update % 3, Math.max(0, update - 2), update][i % 3];
  }),
};

const stale = { mode: "random-worker", simulateWorkers: 4 } as const;
const momentum = { ...stale, optimizer: "momentum" } as const;

/** Of the serial algorithm, and of free threads when there is one. */
const serial = "c78f49f8b0b82a8a93fd1eb132933605b1cd6b9ea89cc7b53a3bf831cd7adafc";

type Options = Omit<TrainOptions, "model" | "data">;

const runs: Readonly<Record<string, { options: Options; sha256: string }>> = {
  "mode serial": { options: { mode: "serial" }, sha256: serial },
  "mode hogwild, one thread": { options: { mode: "hogwild" }, sha256: serial },
  "mode locked, one thread": { options: { mode: "locked" }, sha256: serial },
  "mode sync": {
    options: { mode: "sync", simulateWorkers: 4, workers: 2, maxUpdates: 20 },
    sha256: "323da7b3796cf2371bf93664c1525e2483f26086c810d66bd3c04e645bdbce94",
  },
  "mode round-robin": {
    options: { mode: "round-robin", simulateWorkers: 4, workers: 2 },
    sha256: "a47e4dc144eb13072e4069227f5e898722fda1969ef2073512595ef2740f9633",
  },
  "mode random-worker": {
    options: stale,
    sha256: "b9ef5f68ec2d932b21d56779e203f699223a40840babea25bf764e79f9a11245",
  },
  "mode timed": {
    options: { mode: "timed", simulateWorkers: 4, workers: 2, stepTime: "exponential", speeds: [1, 2, 3] },
    sha256: "54d30d3dc5beee225d1e935889fa17806bd93a9df649468e859727fad5d48bbb",
  },
  "mode replay": {
    options: { order, workers: 2 },
    sha256: "3daef5653260069f0e978857507e7aa1dfd1361e1dc13af4a95686b09549c68e",
  },
  "minibatches of two sizes": {
    options: { ...stale, batchJitter: "two" },
    sha256: "0864a290821c741dad5d483617cd3337f69de4941ef4631c1bafc8d5f92047ea",
  },
  "minibatches of many sizes": {
    options: { ...stale, batchJitter: "exponential" },
    sha256: "4b19644d14284f92a35fb5535f3e922010b8b3ca43627f8f6bc8d05faa1582b0",
  },
  "no averaging": {
    options: { ...stale, averaging: false },
    sha256: "e9a61e87eb6bdadb5a325ac223d5822f318ff71be569d770c5d3182ed8fdc0f4",
  },
  "loop feedback": {
    options: { ...stale, loop: "feedback" },
    sha256: "1b574f00e26d26152e66b4a0854b0754435f34ab670881819ab5adfd399ebb48",
  },
  "loop none": {
    options: { ...stale, loop: "none" },
    sha256: "8ac8710930ce8d2cb233e23a577e89802203d45b5d6460ba7a41124b479522a6",
  },
  "loop feedback by regression": {
    options: { ...stale, loop: "feedback", momentumEstimator: "regression" },
    sha256: "fbb8c8865de129d472b65c08013c8779841860c74aab761307c322e4fca719e2",
  },
  "optimizer yellowfin-no-momentum": {
    options: { ...stale, optimizer: "yellowfin-no-momentum" },
    sha256: "7d1e0884f4bdf650bca73b4fed1ca806dc11fd8010b87b9ac2fb1070b9607efb",
  },
  "optimizer sgd": {
    options: { ...stale, optimizer: "sgd" },
    sha256: "6ade1b635a3fc38d86bfc8ecd7f1d7896bdee5d5439d46c5c700eb482ebe8a52",
  },
  "optimizer momentum": {
    options: { ...stale, optimizer: "momentum" },
    sha256: "d7782505c05ab241bbabf4193a895aea4cc8618072139dba87bd4e399f0f807c",
  },
  "optimizer nesterov": {
    options: { ...stale, optimizer: "nesterov" },
    sha256: "ee292292dc2d2648349641115104bf2ab43329d03e50151e91e43650dac2d279",
  },
  "optimizer adam": {
    options: { ...stale, optimizer: "adam" },
    sha256: "102cf185f93633e7f4ee4c38b74b08969eca1609ed1e052da6fd0348411ce49c",
  },
  "optimizer adamw": {
    options: { ...stale, optimizer: "adamw" },
    sha256: "e04c5a4d2bf515997944ecbb3be245fbd7a426ec00c1d11186526b8a92c361b6",
  },
  "optimizer dog": {
    options: { ...stale, optimizer: "dog" },
    sha256: "9df3c4d5c33fedb83a8143643695ef788153d4f680416845c280a6ce286560a7",
  },
  "optimizer schedule-free": {
    options: { ...stale, optimizer: "schedule-free" },
    sha256: "c075f1b677a411f6e40f9473c95ae402ed7cc8ab1ce55b5f12b23fd66ae2363a",
  },
  "optimizer schedule-free-sgd": {
    options: { ...stale, optimizer: "schedule-free-sgd" },
    sha256: "51769a0999e25a2b5fbfb99a3e9feab80471850d0e1501013e4d7ea283daf4ca",
  },
  "optimizer auto, which turns back": {
    options: { ...stale, optimizer: "auto", learningRateFactor: 100, maxUpdates: 200 },
    sha256: "c007165cb669c4c1fc0bf0095179622ce1d5426f010f36d9a6ea087751e7dd3e",
  },
  "optimizer adam with back-off": {
    options: { ...stale, optimizer: "adam", backOff: true, learningRateFactor: 100 },
    sha256: "779596b495dd7477376c15eda74950e4d0c0b6d5842893e4fed7619d7f5f726e",
  },
  "schedule cosine": {
    options: { ...stale, schedule: "cosine" },
    sha256: "3d00f9956b06c4db08f7433a931e33f5a237aabefc1a92807c1a1af3190aae4f",
  },
  "schedule step": {
    options: { ...momentum, schedule: "step", decayEvery: 1 },
    sha256: "b333b5ff7ba36488a6f7f918820004c510f669c395463155469061ecd0aa3536",
  },
  "staleness policy lr-over-tau": {
    options: { ...momentum, stalenessPolicy: "lr-over-tau" },
    sha256: "036e24459f894edcf71d9bf887e119bb20258b77eb772b968a41ec07c1996413",
  },
  "staleness policy gap-aware": {
    options: { ...momentum, stalenessPolicy: "gap-aware" },
    sha256: "617e77386f6da7ea08b222237a73d5d3b1f8d8a877d1703885ab0cafed9b15a4",
  },
  "staleness policy delay-compensated": {
    options: { ...momentum, stalenessPolicy: "delay-compensated" },
    sha256: "6d4656af6cdf5f836db329bab11adb1c904e6deb19524d0c56b8b70f85588433",
  },
  "staleness policy closed-loop": {
    options: { ...momentum, stalenessPolicy: "closed-loop" },
    sha256: "14f1d35f49bddf3854e8e79fbeec3807ee64a607f10e7f08c74817836e662aa9",
  },
};

const printed: string[] = [];

describe("final weights", () => {
  it.each(Object.entries(runs))("keep their bits: %s", async (name, { options, sha256 }) => {
    const own = model();
    await train({ ...base, model: own, ...options });
    const { flat } = readWeights(own);
    expect(flat.every(Number.isFinite)).toBe(true);
    const bits = createHash("sha256").update(new Uint8Array(flat.buffer, flat.byteOffset, flat.byteLength));
    const digest = bits.digest("hex");
    if (process.env.YF_GOLDEN === "print") printed.push(`${name}: ${digest}`);
    else expect(digest).toBe(sha256);
  });

  it("differ between any two options, as each of them does something", () => {
    const digests = Object.values(runs).map(({ sha256 }) => sha256);
    // Of three runs with one thread two repeat the serial one.
    expect(new Set(digests).size).toBe(digests.length - 2);
  });

  afterAll(() => {
    for (const line of printed) console.log(line);
  });
});
