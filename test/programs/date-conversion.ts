/** Dates as people write them to ISO dates: encoder and decoder LSTMs with attention between them. */
import * as tf from "@tensorflow/tfjs";
import { integer, pick, type Random, times } from "./data/draw.ts";
import { evaluated, type Program } from "./harness/program.ts";

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** Padding comes first; the beginning of an answer is its last character. */
const inputCharacters = " 0123456789/ABCDEFGJLMNOPRSTUVY";
const outputCharacters = "0123456789-#";
const [inputLength, outputLength] = [11, 10];
const units = 32;

const formats: readonly ((year: string, month: number, day: string) => string)[] = [
  (year, month, day) => `${month}/${day}/${year}`,
  (year, month, day) => `${day}${months[month - 1]}${year}`,
  (year, month, day) => `${months[month - 1]}/${day}/${year.slice(2)}`,
];

const indices = (text: string, characters: string) =>
  [...text].map((character) => characters.indexOf(character));

function drawDates(random: Random, n: number) {
  const dates = times(n, () => {
    const [year, month, day] = [
      1950 + integer(random, 100),
      1 + integer(random, 12),
      1 + integer(random, 28),
    ];
    const two = (value: number) => `${value}`.padStart(2, "0");
    const asked = pick(random, formats)(`${year}`, month, two(day)).padEnd(inputLength);
    return { asked, answer: `${year}-${two(month)}-${two(day)}` };
  });
  const questions = dates.map(({ asked }) => indices(asked, inputCharacters));
  const begun = dates.map(({ answer }) => indices(`#${answer.slice(0, -1)}`, outputCharacters));
  const answers = dates.map(({ answer }) => indices(answer, outputCharacters));
  return {
    x: [tf.tensor2d(questions), tf.tensor2d(begun)],
    y: tf.oneHot(tf.tensor2d(answers, [n, outputLength], "int32"), outputCharacters.length).toFloat(),
  };
}

/** The state after the last step, `[B, T, C]` to `[B, C]`. */
class LastStep extends tf.layers.Layer {
  static className = "LastStep";

  override computeOutputShape([batch, , width]: tf.Shape): tf.Shape {
    return [batch, width];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [states] = [inputs].flat();
      const [batch, steps, width] = states.shape as [number, number, number];
      return tf.reshape(tf.slice(states, [0, steps - 1, 0], [batch, 1, width]), [batch, width]);
    });
  }
}

export const dateConversion: Program = {
  name: "date conversion, attention",
  full: { examples: 320, batchSize: 16, epochs: 2 },
  make({ batchSize, epochs, examples, random }) {
    const train = drawDates(random, examples);
    const test = drawDates(random, 100);
    const asked = tf.input({ shape: [inputLength] });
    const begun = tf.input({ shape: [outputLength] });
    const words = (inputDim: number) => tf.layers.embedding({ inputDim, outputDim: units });
    const recurrent = () =>
      tf.layers.lstm({ units, recurrentInitializer: "glorotNormal", returnSequences: true });
    const encoded = recurrent().apply(words(inputCharacters.length).apply(asked)) as tf.SymbolicTensor;
    const last = new LastStep({}).apply(encoded) as tf.SymbolicTensor;
    const decoder = recurrent();
    const decoded = decoder.apply(words(outputCharacters.length).apply(begun) as tf.SymbolicTensor, {
      initialState: [last, last],
    }) as tf.SymbolicTensor;
    const scores = tf.layers.dot({ axes: [2, 2] }).apply([decoded, encoded]) as tf.SymbolicTensor;
    const attention = tf.layers.activation({ activation: "softmax" }).apply(scores) as tf.SymbolicTensor;
    const context = tf.layers.dot({ axes: [2, 1] }).apply([attention, encoded]) as tf.SymbolicTensor;
    const both = tf.layers.concatenate().apply([context, decoded]) as tf.SymbolicTensor;
    const dense = (size: number, activation: "softmax" | "tanh") =>
      tf.layers.timeDistributed({ layer: tf.layers.dense({ units: size, activation }) });
    const answer = dense(outputCharacters.length, "softmax").apply(dense(units, "tanh").apply(both));
    const model = tf.model({ inputs: [asked, begun], outputs: answer as tf.SymbolicTensor });
    model.compile({
      optimizer: tf.train.adam(0.005),
      loss: "categoricalCrossentropy",
      metrics: ["accuracy"],
    });
    return {
      models: [model],
      train: (trainer) => trainer.fit(model, train.x, train.y, { batchSize, epochs }),
      figures: () => evaluated(model, test.x, test.y),
    };
  },
};
