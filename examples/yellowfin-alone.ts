/** The tuner without threads and without TensorFlow.js: YellowFin as an optimizer over any flat vector. */
import { YellowFin } from "yf-async";

/** One example of a linear law with noise: three inputs, and what they make. */
function example(i: number): { inputs: number[]; output: number } {
  const inputs = [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i) / 4];
  return { inputs, output: 2 * inputs[0] - inputs[1] + 0.5 * inputs[2] + 0.1 * Math.sin(1e5 * i) };
}

const weights = new Float32Array(3);
const optimizer = new YellowFin({ length: 3 });
for (let update = 0; update < 3000; update++) {
  // Loss and gradient, the mean squared error of a minibatch of eight.
  const gradient = new Float32Array(3);
  let loss = 0;
  for (let i = 0; i < 8; i++) {
    const { inputs, output } = example(8 * update + i);
    const error = inputs.reduce((sum, input, j) => sum + input * weights[j], -output);
    loss += error ** 2 / 8;
    for (const [j, input] of inputs.entries()) gradient[j] += (2 * error * input) / 8;
  }
  const report = optimizer.update(weights, gradient, loss);
  if (update % 500 === 0 && report !== null) {
    console.log(`momentum ${report.momentum.toFixed(3)}  learning rate ${report.learningRate.toFixed(4)}`);
  }
}
console.log(`weights ${[...weights].map((weight) => weight.toFixed(2)).join(", ")}; the law has 2, -1, 0.5`);
