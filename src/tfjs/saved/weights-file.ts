/** A model's weights in a safetensors file, by name: those that are trained and those that are not, such as moving statistics. */
import { cannot, YfError } from "../../errors.ts";
import { type NamedTensor, readSafetensors, writeSafetensors } from "../../report/safetensors.ts";
import { otherWeights, trainableWeights, type WeightSource } from "../trainable-weights.ts";
import { readFlat, writeFlat } from "../weights.ts";

/**
 * Writes the weights of a model, or some variables, as float32 tensors.
 *
 * @param file Overwritten if it is there; its folder must exist.
 * @param metadata Texts for people and programs, such as the model's name.
 * @throws {YfError} `NOT_WRITABLE`; `BAD_WEIGHTS` if two weights have one name.
 */
export function saveWeights(
  source: WeightSource,
  file: string,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const { flat, names, shapes } = readFlat(allWeights(source));
  let offset = 0;
  const tensors = names.map((name, i) => {
    const length = shapes[i].reduce((product, size) => product * size, 1);
    const values = flat.subarray(offset, offset + length);
    offset += length;
    return { name, shape: shapes[i], values };
  });
  writeSafetensors(file, tensors, { format: "yf-async", ...metadata });
}

/**
 * Reads what {@link saveWeights} wrote into the weights of a model, or variables, of the same names and shapes.
 *
 * @throws {YfError} `BAD_WEIGHTS` if the file cannot be read, or its tensors are not exactly the model's weights; the
 *   model is then as it was.
 */
export function loadWeights(source: WeightSource, file: string): void {
  restoreWeights(source, readSafetensors(file));
}

const allWeights = (source: WeightSource) => [...trainableWeights(source), ...otherWeights(source)];

/**
 * Puts the tensors of a file into the weights of a model, or variables.
 *
 * @throws {YfError} `BAD_WEIGHTS` if a tensor is missing, has another shape, or is none of the model's; the model is then
 *   as it was.
 */
export function restoreWeights(source: WeightSource, tensors: readonly NamedTensor[]): void {
  const weights = allWeights(source);
  const { flat, names, shapes } = readFlat(weights);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  let offset = 0;
  for (const [i, name] of names.entries()) {
    const tensor = byName.get(name);
    const expected = `[${shapes[i].join(", ")}]`;
    const received = tensor === undefined ? "no such tensor" : `[${tensor.shape.join(", ")}]`;
    if (tensor === undefined || received !== expected) {
      const rule = `the model's weight ${name} has the shape ${expected}`;
      throw new YfError("BAD_WEIGHTS", cannot("use the saved weights", rule, received), { name });
    }
    flat.set(tensor.values, offset);
    offset += tensor.values.length;
    byName.delete(name);
  }
  for (const name of byName.keys()) {
    throw new YfError(
      "BAD_WEIGHTS",
      cannot("use the saved weights", "every tensor must be one of the model's", name),
      { name },
    );
  }
  writeFlat(weights, flat);
}
