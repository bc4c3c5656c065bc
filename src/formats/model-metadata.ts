/** What a saved model says of its inputs and outputs, so that others can use it without the program that trained it. */
import type { DataDescription, Field } from "./data-description.ts";

export interface ModelMetadata {
  /** In the order of the output's numbers; absent for several outputs, or where classes were not named. */
  readonly classNames?: readonly string[];
  /** In the order of the input's numbers, `column` or `column=word`; absent for several inputs, or none from a table. */
  readonly featureNames?: readonly string[];
  /** All that is known; its keys are those of `summary.json`. */
  readonly dataDescription: DataDescription;
}

export function modelMetadata(description: DataDescription): ModelMetadata {
  const { inputs, targets } = description;
  const classNames = targets.length === 1 ? targets[0].classNames : null;
  const fields = inputs.length === 1 ? inputs[0].fields : null;
  return {
    ...(classNames === null ? {} : { classNames }),
    ...(fields === null ? {} : { featureNames: fields.flatMap(namesOf) }),
    dataDescription: description,
  };
}

function namesOf({ name, words }: Field): string[] {
  return words === null ? [name] : words.map((word) => `${name}=${word}`);
}
