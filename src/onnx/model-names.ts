/** Names of the inputs and outputs of every lowered model; the numbered ones from 0. */
export const modelNames = {
  features: "features",
  labels: "labels",
  loss: "loss",
  predictions: "predictions",
  parameter: (index: number) => `parameter${index}`,
  gradient: (index: number) => `gradient${index}`,
  /** What a random operator drew. */
  draw: (index: number) => `draw${index}`,
  state: (index: number) => `state${index}`,
  nextState: (index: number) => `nextState${index}`,
};
