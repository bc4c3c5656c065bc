/**
 * The one door to TensorFlow.js: every other file imports `tf` and `layers` from here.
 *
 * Registers the `cpu` backend, so that a model can be built and its weights read wherever this package runs. Only
 * the main thread loads this file; a worker thread gets a traced program and never needs TensorFlow.js.
 */
import "@tensorflow/tfjs-backend-cpu";

import * as core from "@tensorflow/tfjs-core";

// The backend prints an advertisement for tfjs-node at its first use, in the middle of our own output.
Object.assign(core.findBackend("cpu"), { firstUse: false });

export * as tf from "@tensorflow/tfjs-core";
export * as layers from "@tensorflow/tfjs-layers";
