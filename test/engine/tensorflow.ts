/** Whether the tests of TensorFlow's kernels can run here; where it is there and does not work, they fail. */
import { findTensorflow } from "../../src/tfjs/tensorflow.ts";

export const hasTensorflow = findTensorflow("cpu").length > 0;

export const needsTensorflow = "needs `yf-async setup tensorflow`";
