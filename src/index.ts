/** Everything that users of the package may import. */

export type { Nested } from "./data/flatten-nested.ts";
export type { ArrayData, ColumnArray, ColumnSource, ColumnSources, TensorLike } from "./data/from-arrays.ts";
export type { FlatNumbers } from "./data/to-column.ts";
export { type OnnxOptions, saveOnnx } from "./engine/save-onnx.ts";
export { YfError, type YfErrorCode } from "./errors.ts";
export type { ExampleWeights, SampleWeight } from "./fit/example-weights.ts";
export { fit } from "./fit/fit.ts";
export type {
  CallbackInstance,
  FitCallback,
  FitCallbackFunctions,
  FitConfig,
  FitDatasetConfig,
  FitExtras,
  FitRunConfig,
} from "./fit/fit-config.ts";
export { fitDataset } from "./fit/fit-dataset.ts";
export type { StreamedDataset } from "./fit/read-ahead.ts";
export { release } from "./fit/sessions.ts";
export { type TrainOnBatchConfig, trainOnBatch } from "./fit/train-on-batch.ts";
export type { ColumnDescription, DataDescription, Field } from "./formats/data-description.ts";
export type { LoopName } from "./optimizers/loop.ts";
export type { ClassWeight, PixelSize, WorkerDelay } from "./options/kinds.ts";
export type { FormerOptions, OptionsInput } from "./options/table.ts";
export type {
  RollbackValues,
  RunEvent,
  RunEventKind,
  RunMoment,
  RunNews,
  RunNewsValues,
  StopReason,
  WarningValues,
} from "./report/run-event.ts";
export type { RunSnapshot } from "./report/run-snapshot.ts";
export type { StalenessSummary } from "./report/staleness.ts";
export type { MomentumSummary, Summary } from "./report/summary.ts";
export { RunControl } from "./run/run-control.ts";
export type { RunCallbacks } from "./run/run-task.ts";
export type { RecordedOrder } from "./schedule/replay.ts";
export type { Evaluation } from "./task/evaluator.ts";
export type { ArraySplit, ExampleSource } from "./task/prepare-task.ts";
export type { BatchTensors } from "./tfjs/batch-tensors.ts";
export type { BatchDataset, BatchFunction, BatchIterator, ExampleBatch } from "./tfjs/collect-batches.ts";
export type { BatchColumns } from "./tfjs/column-collector.ts";
export type { Loss, LossFunction, LossName, OutputLoss, WeightedLoss } from "./tfjs/losses.ts";
export type { ModelFunction } from "./tfjs/model-function.ts";
export { loadModel } from "./tfjs/saved/load-model.ts";
export { saveModel } from "./tfjs/saved/save-model.ts";
export { loadWeights, saveWeights } from "./tfjs/saved/weights-file.ts";
export type { WeightSource } from "./tfjs/trainable-weights.ts";
export {
  type ModelText,
  type TrainableModel,
  type TrainCallbacks,
  type TrainedModel,
  type TrainOptions,
  type TrainResult,
  train,
} from "./train.ts";
export type { Precision, Vector } from "./yellowfin/vector-arithmetic.ts";
export {
  type GradientFacts,
  YellowFin,
  type YellowFinOptions,
  type YellowFinReport,
} from "./yellowfin/yellowfin.ts";
