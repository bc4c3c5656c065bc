/** Why a test or a kernel call of TensorFlow.js does not come out as it does there: every reason that there is. */

/** What a reason is a reason for. */
type Verdict = "TensorFlow.js is wrong" | "not expressible";

interface Reason {
  readonly verdict: Verdict;
  readonly why: string;
  /** Of the name of the test, or of the kernel. */
  readonly name?: RegExp;
  /** Of what was found in place of what should be. */
  readonly found?: RegExp;
}

const reasons: readonly Reason[] = [
  {
    verdict: "TensorFlow.js is wrong",
    why: "its gradient divides by the whole window, its forward pass by the part on the image",
    name: /^avgPool gradient x=\[3,3,1\] f=\[3,3\] s=1 p=explicit$/,
  },
  { verdict: "not expressible", why: "weights are float32", found: /a weight is float32, not/ },
  { verdict: "not expressible", why: "a kernel that the test itself registers", found: /MyKernel/ },
  { verdict: "not expressible", why: "channels come last", found: /must have their channels last/ },
  { verdict: "not expressible", why: "complex numbers", found: /of complex64/ },
  { verdict: "not expressible", why: "text", found: /of string/ },
];

/** The verdict with its reason, or "differs" with what was found where there is no reason for it. */
export function verdictOf(name: string, found: string): string {
  const reason = reasons.find((one) => (one.name?.test(name) ?? true) && (one.found?.test(found) ?? true));
  if (reason !== undefined) return `${reason.verdict}: ${reason.why}`;
  return `differs: ${found.split("\n")[0].slice(0, 160)}`;
}
