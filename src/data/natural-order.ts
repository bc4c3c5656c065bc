/** Compares texts so that numbers in them are in their order, `img2` before `img10`, the same on every machine. */
export function compareNaturally(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.match(/\d+|\D+/g) ?? []);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareParts(left[i], right[i]);
    if (order !== 0) return order;
  }
  // Texts that differ in zeros before their numbers alone still need an order.
  return left.length - right.length || compareCodes(a, b);
}

function compareParts(a: string, b: string): number {
  if (!isDigits(a) || !isDigits(b)) return compareCodes(a, b);
  const [x, y] = [a, b].map((digits) => digits.replace(/^0+(?=\d)/, ""));
  return x.length - y.length || compareCodes(x, y);
}

const isDigits = (text: string) => /^\d/.test(text);

const compareCodes = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
