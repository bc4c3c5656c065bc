/** What to do with a model of another program, given where TensorFlow.js's are taken. */
import { existsSync } from "node:fs";
import { join } from "node:path";

const keras = "tensorflowjs_converter --input_format keras M.h5 DIR";

const advice: readonly (readonly [RegExp, string])[] = [
  [
    /\.keras$/,
    `Keras converts it: python3 -c "import keras; keras.models.load_model('M.keras').save('M.h5')", then ${keras}, and --model DIR/model.json`,
  ],
  [/\.(h5|hdf5)$/, `TensorFlow.js's converter makes one of it: ${keras}, and --model DIR/model.json`],
  [
    /\.pb$/,
    `a SavedModel holds what predicts and not what trains: save the Keras model as M.h5, then ${keras}, and --model DIR/model.json`,
  ],
  [/\.(onnx|tflite|pt|pth|ckpt|safetensors)$/, "its layers must be written in a module that exports model"],
];

/** @param path What was given. @returns One sentence's part; null where it looks like no such model. */
export function conversionAdvice(path: string): string | null {
  const file = existsSync(join(path, "saved_model.pb")) ? join(path, "saved_model.pb") : path;
  return advice.find(([ending]) => ending.test(file))?.[1] ?? null;
}
