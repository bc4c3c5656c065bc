/** The deep nets of the papers, and random data of their shapes. */
import type { ArrayData } from "../../../src/data/from-arrays.ts";
import { createRandom } from "../../../src/math/random.ts";
import type { ModelName } from "../../../src/tfjs/models/build-model.ts";

export interface FootprintNet {
  readonly title: string;
  readonly name: ModelName;
  /** What `nets.py` calls it; null where it has none. */
  readonly peer: "resnet20" | "char-lstm" | null;
  readonly batchSize: number;
  /** @returns So many random examples, at most a thousand. */
  readonly data: (examples: number) => ArrayData;
}

/** Characters of tinyshakespeare, and of one example. */
const characters = 65;
const steps = 50;

export const footprintNets: readonly FootprintNet[] = [
  { title: "ResNet-20, batch 64", name: "resnet20", peer: "resnet20", batchSize: 64, data: images },
  {
    title: "char-LSTM 2×128, 50 steps, batch 50",
    name: "char-lstm",
    peer: "char-lstm",
    batchSize: 50,
    data: texts,
  },
  { title: "ResNet-110, batch 64", name: "resnet110", peer: null, batchSize: 64, data: images },
];

/** Of CIFAR-10's shapes. */
function images(wanted: number): ArrayData {
  const examples = Math.min(wanted, 1000);
  const classes = 10;
  return {
    features: { values: bytes(examples * 32 * 32 * 3, 256), shape: [32, 32, 3], scale: 1 / 255 },
    labels: { values: bytes(examples, classes), shape: [], type: "int32", classes },
  };
}

/** Of tinyshakespeare's. */
function texts(wanted: number): ArrayData {
  const examples = Math.min(wanted, 1000);
  const column = () => bytes(examples * steps, characters);
  return {
    features: { values: column(), shape: [steps], type: "int32" },
    labels: { values: column(), shape: [steps], type: "int32", classes: characters },
  };
}

function bytes(length: number, below: number): Uint8Array {
  const random = createRandom(1);
  return Uint8Array.from({ length }, () => Math.floor(below * random()));
}
