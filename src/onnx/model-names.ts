/** Names of the inputs and outputs of every lowered model; parameters, gradients and state are numbered from 0. */
export const modelNames = {
  features: "features",
  labels: "labels",
  loss: "loss",
  predictions: "predictions",
  parameter: (index: number) => `parameter${index}`,
  gradient: (index: number) => `gradient${index}`,
  state: (index: number) => `state${index}`,
  nextState: (index: number) => `nextState${index}`,
};
