/** What moves elements without computing, as layers and as operations. */
import { layers, tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float, int, network } from "../conformance-case.ts";
import { rows } from "../draw.ts";
import { operation as ofShape } from "./operation.ts";

const l = layers.layers;

/** Between two dense layers, so that a gradient flows through it. */
const between = (name: string, parts: () => layers.layers.Layer[], image = [5, 6, 2]): ConformanceCase => ({
  name,
  make: () =>
    network(float(...image), 2, [l.dense({ units: 3 }), ...parts(), l.flatten(), l.dense({ units: 2 })]),
});

/** A function of `[B, 3, 4]` features times a variable `[3, 4]`. */
const operation = (name: string, f: (x: tf.Tensor, raw: tf.Tensor) => tf.Tensor, batchSize = 2) =>
  ofShape(name, [3, 4], f, { batchSize });

const random = rows<ConformanceCase>(8, ({ integer }, seed) => {
  const edges = () => [0, 1].map(() => integer(0, 2)) as [number, number];
  const padding: [[number, number], [number, number]] = [edges(), edges()];
  const cropping: [[number, number], [number, number]] = [edges(), edges()];
  return between(`zeroPadding2d ${padding.join(" ")} and cropping2D ${cropping.join(" ")} (${seed})`, () => [
    l.zeroPadding2d({ padding }),
    l.cropping2D({ cropping }),
  ]);
});

const permutations = [
  [1, 2, 3],
  [1, 3, 2],
  [2, 1, 3],
  [2, 3, 1],
  [3, 1, 2],
  [3, 2, 1],
];

function branches(merge: () => layers.layers.Layer, name: string): ConformanceCase {
  return {
    name,
    make: () => {
      const input = layers.input({ shape: [4, 3] });
      const branch = (units: number) => l.dense({ units }).apply(input) as layers.SymbolicTensor;
      const output = l
        .dense({ units: 2 })
        .apply(merge().apply([branch(3), branch(3)]) as layers.SymbolicTensor) as layers.SymbolicTensor;
      return {
        model: layers.model({ inputs: input, outputs: output }),
        loss: "meanSquaredError",
        features: [float(4, 3)],
        labels: [{ shape: output.shape.slice(1) as number[], dtype: "float32" }],
        batchSize: 3,
      };
    },
  };
}

export const arrangementCases: readonly ConformanceCase[] = [
  ...random,
  ...permutations.map((dims) => between(`permute ${dims}`, () => [l.permute({ dims })])),
  between("reshape", () => [l.reshape({ targetShape: [3, 30] })]),
  between("reshape twice", () => [l.reshape({ targetShape: [9, 10] }), l.reshape({ targetShape: [45, 2] })]),
  between("repeatVector", () => [l.flatten(), l.dense({ units: 2 }), l.repeatVector({ n: 3 })]),
  ...[1, 2].map((axis) => branches(() => l.concatenate({ axis }), `concatenate along axis ${axis}`)),
  branches(() => l.add(), "add"),
  branches(() => l.average(), "average"),
  branches(() => l.multiply(), "multiply"),
  branches(() => l.maximum(), "maximum"),
  branches(() => l.minimum(), "minimum"),
  operation("slices given by one number", (x) => tf.slice(x, 0, [2, 2, 3])),
  operation("slices along the first axes", (x) => tf.slice(x, [0, 1], [-1, 2])),
  operation("transpose without a permutation", (x) => tf.reshape(tf.transpose(x), [2, -1])),
  operation("reverse along several axes", (x) => tf.reverse(x, [1, -1])),
  operation("tile", (x) => tf.tile(x, [1, 2, 3])),
  operation("padding with a value", (x) =>
    tf.pad(
      x,
      [
        [0, 0],
        [1, 2],
        [0, 3],
      ],
      0.5,
    ),
  ),
  ...(["reflect", "symmetric"] as const).map((mode) =>
    operation(`${mode} padding`, (x) =>
      tf.mirrorPad(
        x,
        [
          [0, 0],
          [2, 1],
          [0, 3],
        ],
        mode,
      ),
    ),
  ),
  ofShape("blocks of pixels as images, and back", [4, 6, 2], (x) =>
    tf.batchToSpaceND(
      tf.square(
        tf.spaceToBatchND(
          x,
          [2, 3],
          [
            [1, 1],
            [0, 3],
          ],
        ),
      ),
      [2, 3],
      [
        [0, 1],
        [1, 0],
      ],
    ),
  ),
  // TF.js has a gradient along the last axis only.
  operation("running sums", (x) => tf.add(tf.cumsum(x, 2), tf.cumsum(x, 2, true, true))),
  operation("stack", (x) => tf.stack([x, tf.square(x)], 1)),
  operation("stack along the last axis", (x) => tf.stack([x, tf.square(x)], -1)),
  operation("unstack", (x) => {
    const [a, b, c] = tf.unstack(x, 1);
    return tf.add(tf.mul(a, b), c);
  }),
  operation("split evenly", (x) => tf.mul(...(tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor]))),
  operation("split by sizes", (x) => tf.concat(tf.split(x, [1, 2], 1).reverse().map(tf.square), 1), 3),
  operation("expandDims", (x) => tf.mul(tf.expandDims(x, 1), tf.expandDims(x, -2))),
  operation("concatenation of one tensor with itself", (x) => tf.reshape(tf.concat([x, x], 0), [2, -1])),
  operation("gather of rows", (x, raw) => tf.mul(x, tf.gather(raw, [2, 0, 0], 1))),
  operation("gather of rows within examples", (x) =>
    tf.gather(
      tf.square(x),
      tf.tensor2d(
        [
          [2, 0, 0, 1],
          [1, 1, 2, 0],
        ],
        [2, 4],
        "int32",
      ),
      1,
      1,
    ),
  ),
  operation("gather of columns within examples", (x, raw) =>
    tf.mul(
      x,
      tf.gather(
        raw,
        tf.tensor2d(
          [
            [3, 0, 0, 1],
            [1, 1, 2, 0],
          ],
          [2, 4],
          "int32",
        ),
        2,
        1,
      ),
    ),
  ),
  operation("gatherND of elements and of rows", (x, raw) => {
    const elements = tf.gatherND(
      raw,
      tf.tensor2d(
        [
          [0, 2, 3],
          [1, 0, 1],
        ],
        [2, 3],
        "int32",
      ),
    );
    const rows = tf.gatherND(
      raw,
      tf.tensor2d(
        [
          [1, 2],
          [0, 0],
        ],
        [2, 2],
        "int32",
      ),
    );
    return tf.mul(x, tf.reshape(tf.add(rows, tf.expandDims(elements, 1)), [2, 1, 4]));
  }),
  operation("strided slices, backwards and by masks", (x, raw) =>
    tf.add(
      tf.mul(x, tf.stridedSlice(raw, [0, 2, -1], [2, -4, -5], [1, -1, -1])),
      tf.mul(x, tf.stridedSlice(raw, [0, 1, 0], [0, 2, 4], [1, 1, 1], 1, 1, 0, 0, 0)),
    ),
  ),
  operation("a strided slice of every other column", (x, raw) =>
    tf.mul(tf.slice(x, [0, 0, 0], [2, 3, 2]), tf.stridedSlice(raw, [0, 0, 0], [2, 3, 4], [1, 1, 2])),
  ),
  operation("the largest of each row, and their places", (x, raw) => {
    const { indices, values } = tf.topk(raw, 2);
    return tf.mul(tf.slice(x, [0, 0, 0], [2, 3, 2]), tf.add(values, tf.cast(indices, "float32")));
  }),
  operation("the diagonal of a vector", (x, raw) =>
    tf.reshape(
      tf.matMul(
        tf.reshape(x, [6, 4]) as tf.Tensor2D,
        tf.diag(tf.reshape(tf.slice(raw, [0, 0, 0], [1, 1, 4]), [4])),
      ),
      [2, 12],
    ),
  ),
  ofShape("depth to space", [2, 3, 8], (x, raw) =>
    tf.mul(tf.depthToSpace(raw as tf.Tensor4D, 2), tf.mean(x, [1, 2, 3], true)),
  ),
  ofShape("images mirrored left to right", [2, 3, 2], (x, raw) =>
    tf.mul(x, tf.image.flipLeftRight(raw as tf.Tensor4D)),
  ),
  operation("einsum: a product of matrices in another order, a trace of sums", (x, raw) =>
    tf.add(tf.mul(tf.mean(x), tf.einsum("bij,bkj->bki", raw, raw)), tf.einsum("bij->", raw)),
  ),
  operation("broadcast of one row", (x) => tf.broadcastTo(tf.sum(x, 1, true), [2, 5, 4])),
  {
    name: "one-hot features, some out of range",
    classes: 5,
    make: () => {
      const weight = tf.variable(tf.ones([3, 2]));
      return {
        // −1 and 3 are out of range: their rows are zero.
        model: (x) =>
          tf.matMul(
            tf.cast(tf.oneHot(tf.sub(x, tf.scalar(1, "int32")) as tf.Tensor1D, 3), "float32") as tf.Tensor2D,
            weight as tf.Tensor2D,
          ),
        variables: [weight],
        loss: "meanSquaredError",
        features: [int()],
        labels: [float(2)],
        batchSize: 12,
      };
    },
  },
];
