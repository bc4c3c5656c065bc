/** Reviews of a made-up language: words that praise, words that blame, words that turn the next one round, and others. */
import * as tf from "@tensorflow/tfjs";
import { integer, type Random } from "./draw.ts";

/** Words with the padding, which is 0. */
export const vocabulary = 60;
/** Words of a review, with padding in front. */
export const reviewLength = 16;

const [praise, blame, turn, other] = [1, 11, 21, 24];

/** @returns `[N, 16]` words and `[N, 1]` labels, 1 where there is more praise. */
export function drawReviews(
  random: Random,
  n: number,
): { readonly words: tf.Tensor2D; readonly isGood: tf.Tensor2D } {
  const words = new Int32Array(n * reviewLength);
  const labels = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const review = words.subarray(i * reviewLength, (i + 1) * reviewLength);
    let balance = 0;
    while (balance === 0) balance = write(review, random);
    labels[i] = balance > 0 ? 1 : 0;
  }
  return { words: tf.tensor2d(words, [n, reviewLength], "int32"), isGood: tf.tensor2d(labels, [n, 1]) };
}

/** @returns Praise less blame. */
function write(review: Int32Array, random: Random): number {
  review.fill(0);
  let balance = 0;
  let sign = 1;
  for (let place = integer(random, 8); place < reviewLength; place++) {
    const kind = random();
    if (kind < 0.15) {
      review[place] = praise + integer(random, 10);
      balance += sign;
    } else if (kind < 0.3) {
      review[place] = blame + integer(random, 10);
      balance -= sign;
    } else
      review[place] = kind < 0.4 ? turn + integer(random, 3) : other + integer(random, vocabulary - other);
    sign = kind >= 0.3 && kind < 0.4 ? -1 : 1;
  }
  return balance;
}
