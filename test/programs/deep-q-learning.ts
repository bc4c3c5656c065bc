/**
 * A walk through a grid to a goal, by Q-learning: a replay memory, `trainOnBatch` of the online net, and a target net that takes its
 * weights now and then.
 */
import * as tf from "@tensorflow/tfjs";
import { integer, type Random, times } from "./data/draw.ts";
import type { Program } from "./harness/program.ts";

const width = 4;
const moves = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
];
const [goal, trap] = [15, 10];
const discount = 0.9;

interface Step {
  readonly from: number;
  readonly action: number;
  readonly reward: number;
  readonly to: number;
}

function walk(from: number, action: number): Step {
  const [down, right] = moves[action];
  const row = Math.min(width - 1, Math.max(0, Math.floor(from / width) + down));
  const column = Math.min(width - 1, Math.max(0, (from % width) + right));
  const to = row * width + column;
  return { from, action, reward: to === goal ? 1 : to === trap ? -1 : -0.04, to };
}

const isOver = (cell: number) => cell === goal || cell === trap;

/** Steps of somebody who walks at random. */
function drawSteps(random: Random, n: number): Step[] {
  const steps: Step[] = [];
  for (let at = 0; steps.length < n; ) {
    const step = walk(at, integer(random, moves.length));
    steps.push(step);
    at = isOver(step.to) ? 0 : step.to;
  }
  return steps;
}

const states = (cells: readonly number[]) =>
  tf.oneHot(tf.tensor1d([...cells], "int32"), width * width).toFloat();

function createNet(): tf.Sequential {
  const net = tf.sequential();
  net.add(tf.layers.dense({ units: 32, activation: "relu", inputShape: [width * width] }));
  net.add(tf.layers.dense({ units: moves.length }));
  return net;
}

export const deepQLearning: Program = {
  name: "deep Q-learning, target net",
  full: { examples: 3200, batchSize: 32, epochs: 10 },
  make({ batchSize, epochs, examples, random }) {
    const memory = drawSteps(random, examples);
    const [online, target] = [createNet(), createNet()];
    target.setWeights(online.getWeights());
    target.trainable = false;
    online.compile({ optimizer: tf.train.momentum(0.05, 0.9), loss: "meanSquaredError" });
    /** What the online net should say of where the steps began: of the actions that were taken, reward and what follows. */
    const targetsOf = (steps: readonly Step[]) =>
      tf.tidy(() => {
        const next = (target.predict(states(steps.map(({ to }) => to))) as tf.Tensor).max(1).dataSync();
        const values = (online.predict(states(steps.map(({ from }) => from))) as tf.Tensor2D).arraySync();
        for (const [i, { action, reward, to }] of steps.entries()) {
          values[i][action] = reward + (isOver(to) ? 0 : discount * next[i]);
        }
        return tf.tensor2d(values);
      });
    return {
      models: [online, target],
      async train(trainer) {
        for (let update = 0; update < (examples / batchSize) * epochs; update++) {
          const steps = times(batchSize, () => memory[integer(random, memory.length)]);
          const [x, y] = [states(steps.map(({ from }) => from)), targetsOf(steps)];
          await trainer.trainOnBatch(online, x, y);
          tf.dispose([x, y]);
          if (update % 8 === 7) target.setWeights(online.getWeights());
        }
        await trainer.release(online);
        return undefined;
      },
      figures() {
        let [reward, cell] = [0, 0];
        for (let step = 0; step < 20 && !isOver(cell); step++) {
          const action = (online.predict(states([cell])) as tf.Tensor).argMax(1).dataSync()[0];
          const taken = walk(cell, action);
          [reward, cell] = [reward + taken.reward, taken.to];
        }
        return { "score of a walk": reward };
      },
    };
  },
};
