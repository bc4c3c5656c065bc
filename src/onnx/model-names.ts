/** Names of the inputs and outputs of every model that is lowered for training; the numbered ones from 0. */
export const modelNames = {
  features: (index: number) => `features${index}`,
  labels: (index: number) => `labels${index}`,
  loss: "loss",
  predictions: (index: number) => `predictions${index}`,
  parameter: (index: number) => `parameter${index}`,
  gradient: (index: number) => `gradient${index}`,
  /** What a random operator drew. */
  draw: (index: number) => `draw${index}`,
  state: (index: number) => `state${index}`,
  nextState: (index: number) => `nextState${index}`,
};
