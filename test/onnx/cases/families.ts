/** Every row of the conformance suite, by family. */
import { arrangementCases } from "./arrangement.ts";
import { blockedCases } from "./blocked.ts";
import { convolutionCases } from "./convolution.ts";
import { denseCases } from "./dense.ts";
import { depthwiseCases } from "./depthwise.ts";
import { dilationCases } from "./dilation.ts";
import { elementwiseCases } from "./elementwise.ts";
import { lossCases } from "./loss.ts";
import { normalizationCases } from "./normalization.ts";
import { poolingCases } from "./pooling.ts";
import { productCases } from "./product.ts";
import { resizingCases } from "./resizing.ts";
import { sequenceCases } from "./sequence.ts";

export const families = {
  "dense layers and activations": denseCases,
  convolutions: convolutionCases,
  "convolutions whose channels fill blocks": blockedCases,
  "depthwise convolutions and volumes": depthwiseCases,
  pools: poolingCases,
  dilation: dilationCases,
  normalization: normalizationCases,
  resizing: resizingCases,
  sequences: sequenceCases,
  arrangements: arrangementCases,
  "losses, regularizers and built-in models": lossCases,
  "elementwise kernels and reductions": elementwiseCases,
  "matrix products": productCases,
};
