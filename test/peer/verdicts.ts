/** Why a test or a kernel call of TensorFlow.js does not come out as it does there: every reason that there is. */

const wrong = "TensorFlow.js is wrong";
const inexpressible = "not expressible";
const documented = "differs as src/onnx/COVERAGE.md says";

interface Reason {
  readonly verdict: typeof wrong | typeof inexpressible | typeof documented;
  readonly why: string;
  /** Of the name of the kernel, or of the test that asks for a gradient. */
  readonly name?: RegExp;
  /** Of the name of the test that makes the call. */
  readonly test?: RegExp;
  /** Of what was found in place of what should be. */
  readonly found?: RegExp;
}

const reasons: readonly Reason[] = [
  {
    verdict: wrong,
    why: "its gradient divides by the whole window, its forward pass by the part on the image",
    name: /^avgPool gradient x=\[3,3,1\] f=\[3,3\] s=1 p=explicit$/,
  },
  {
    verdict: wrong,
    why: "it takes a pool with a window of one pixel for no pool, whatever stride and padding",
    name: /^(MaxPool|AvgPool)$/,
    test: /x=\[2,2,3\] f=\[1,1\] s=2 p=1/,
  },
  {
    verdict: wrong,
    why: "it reads a part of a dy that no such convolution has",
    name: /^Conv2DBackpropInput$/,
    found: /a convolution of \[.*\] gives/,
  },
  {
    verdict: documented,
    why: "what need not be sorted is sorted",
    name: /^TopK$/,
    test: /sorted=false/,
  },
  {
    verdict: documented,
    why: "NaN",
    name: /^(Max|Min|ArgMax|ArgMin|MaxPool|MaxPool3D|Sign|Step)$/,
    test: /nan|step kernel with 1d tensor and alpha|sign basic/i,
    found: /^ONNX Runtime has/,
  },
  {
    verdict: documented,
    why: "windows of nothing but padding",
    name: /^AvgPool(3D)?$/,
    found: /NaN/,
  },
  {
    verdict: inexpressible,
    why: "weights are float32",
    found: /a weight is float32, not|at least one trainable weight/,
  },
  { verdict: inexpressible, why: "a kernel that the test itself registers", found: /MyKernel/ },
  {
    verdict: inexpressible,
    why: "a kernel without a gradient that is not traced, to be applied to data before training",
    found: /that a trace understands/,
  },
  { verdict: inexpressible, why: "channels come last", found: /must have their channels last/ },
  { verdict: inexpressible, why: "complex numbers", found: /of complex64/ },
  { verdict: inexpressible, why: "text", found: /of string/ },
];

/**
 * The verdict with its reason, or "differs" with what was found where there is no reason for it.
 *
 * @param test The test that makes the call, where a call is judged.
 */
export function verdictOf(name: string, found: string, test = ""): string {
  const fits = (pattern: RegExp | undefined, text: string) => pattern === undefined || pattern.test(text);
  const reason = reasons.find(
    (one) => fits(one.name, name) && fits(one.found, found) && fits(one.test, test),
  );
  if (reason !== undefined) return `${reason.verdict}: ${reason.why}`;
  return `differs: ${found.split("\n")[0].slice(0, 160)}`;
}
