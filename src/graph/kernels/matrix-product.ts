/** Matrix products over the last two axes; axes before them are batch axes and broadcast. */
import { biasAndActivation } from "./fused.ts";
import { type Attributes, broadcastIndices, type KernelFamily, type Tensor } from "./tensor.ts";

function matMul(
  a: Tensor,
  b: Tensor,
  { transposeA, transposeB }: Attributes,
  shape: readonly number[],
): Tensor {
  const [rows, columns] = shape.slice(-2);
  const [aRows, aColumns] = a.shape.slice(-2);
  const [bRows, bColumns] = b.shape.slice(-2);
  const inner = transposeA ? aRows : aColumns;
  const batch = shape.slice(0, -2);
  const atA = broadcastIndices(a.shape.slice(0, -2), batch);
  const atB = broadcastIndices(b.shape.slice(0, -2), batch);
  const data = new Float64Array(atA.length * rows * columns);
  let out = 0;
  for (let n = 0; n < atA.length; n++) {
    const startA = atA[n] * aRows * aColumns;
    const startB = atB[n] * bRows * bColumns;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const left = a.data[startA + (transposeA ? k * aColumns + row : row * aColumns + k)];
          const right = b.data[startB + (transposeB ? column * bColumns + k : k * bColumns + column)];
          sum += left * right;
        }
        data[out++] = sum;
      }
    }
  }
  return { shape, data };
}

export const matrixProductKernels: KernelFamily = {
  BatchMatMul: ([a, b], attributes, [{ shape }]) => [matMul(a, b, attributes, shape).data],
  _FusedMatMul: ([a, b, bias, slopes], attributes, [{ shape }]) => [
    biasAndActivation(matMul(a, b, attributes, shape), bias, slopes, attributes),
  ],
};
