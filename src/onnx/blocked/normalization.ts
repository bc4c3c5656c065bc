/** Batch normalization of images in blocks, and the sums and means that it and its gradient are made of. */
import { type BlockedKernel, constant, factorOf } from "./operands.ts";

/** (x − mean)·scale/√(variance + ε) + offset; the difference is that of the variance, where this is of the same batch. */
const batchNorm: BlockedKernel = (values, { attributes, inputs, outputs: [y] }) => {
  const [x, ...vectors] = inputs;
  if (x === null || !values.has(x)) return false;
  const { algebra } = values;
  const [scale, offset, mean, variance] = vectors.map((value) =>
    value === null ? null : factorOf(values, value, values.program.shape(y)[3]),
  );
  if (mean === null || variance === null) return false;
  const centred = values.sum(values.image(x), constant(algebra.negated(mean)));
  const inverse = algebra.inverseDeviation(variance, attributes.varianceEpsilon as number);
  const normalized = values.scaled(centred, scale === null ? inverse : algebra.times(scale, inverse));
  values.set(y, offset === null ? normalized : values.sum(normalized, constant(offset)));
  return true;
};

/** Sums and means over batch and pixels, or over pixels alone. */
const reduction =
  (isMean: boolean): BlockedKernel =>
  (values, { attributes, inputs: [x], outputs: [y] }) => {
    if (x === null || !values.has(x)) return false;
    const { algebra, program } = values;
    const { builder } = program;
    const shape = program.shape(x);
    const [batch, height, width] = shape;
    const axes = [(attributes.axis ?? attributes.reductionIndices) as number | number[]].flat();
    const image = values.image(x);
    if (`${axes}` === "0,1,2") {
      const sums = values.channelSums(image, shape);
      const total = isMean ? algebra.over(sums, algebra.scalar(batch * height * width)) : sums;
      program.set(y, builder.reshape(total.name, program.shape(y)));
      return true;
    }
    if (`${axes}` !== "1,2" || values.form(image).terms.length === 0) return false;
    const means = values.pixelMeans(image, shape);
    const total = isMean ? means : builder.node("Mul", [means, builder.scalar(height * width)]);
    program.set(y, builder.reshape(total, program.shape(y)));
    return true;
  };

export const blockedNormalization: Readonly<Record<string, BlockedKernel>> = {
  FusedBatchNorm: batchNorm,
  Sum: reduction(false),
  Mean: reduction(true),
};
