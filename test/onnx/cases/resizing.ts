/** Larger and smaller images. */
import { layers, tf } from "../../../src/tfjs/tf.ts";
import { type ConformanceCase, float, network } from "../conformance-case.ts";
import { operation } from "./operation.ts";

/** What the `cpu` backend of TF.js does wrong; squares in batches of one are compared. */
const wrong = {
  nearest: "its gradient is wrong for more than one image",
  bilinear: "its gradient swaps height and width, and leaves half-pixel centers out",
};

const { dense, upSampling2d } = layers.layers;

const upSampling = (interpolation: "nearest" | "bilinear", size: [number, number]): ConformanceCase => ({
  name: `upSampling2d ${size.join("×")}, ${interpolation}`,
  make: () =>
    network(float(3, 2, 2), 2, [
      dense({ units: 2 }),
      upSampling2d({ size, interpolation }),
      dense({ units: 2 }),
    ]),
  notTensorflow: wrong[interpolation],
});

type Size = [number, number];
const sizes: Size[] = [
  [8, 6],
  [2, 5],
  [7, 3],
];

export const resizingCases: readonly ConformanceCase[] = [
  ...(["nearest", "bilinear"] as const).flatMap((interpolation) => [
    upSampling(interpolation, [2, 2]),
    upSampling(interpolation, [1, 3]),
  ]),
  ...(["nearest", "bilinear"] as const).map((interpolation) => ({
    name: `upSampling2d of one square image, ${interpolation}`,
    make: () =>
      network(float(3, 3, 2), 1, [
        dense({ units: 2 }),
        upSampling2d({ size: [2, 2], interpolation }),
        dense({ units: 2 }),
      ]),
  })),
  operation("bilinear resizing of square images", [4, 4, 2], (x) =>
    tf.image.resizeBilinear(x as tf.Tensor4D, [7, 7]),
  ),
  ...sizes.flatMap((size) =>
    [
      [false, false],
      [true, false],
      [false, true],
    ].flatMap(([corners, centers]) => [
      operation(
        `bilinear resizing to ${size}, ${corners}, ${centers}`,
        [4, 3, 2],
        (x) => tf.image.resizeBilinear(x as tf.Tensor4D, size, corners, centers),
        { notTensorflow: wrong.bilinear },
      ),
      operation(
        `nearest resizing to ${size}, ${corners}, ${centers}`,
        [4, 3, 2],
        (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size, corners, centers),
        { notTensorflow: wrong.nearest },
      ),
    ]),
  ),
];
