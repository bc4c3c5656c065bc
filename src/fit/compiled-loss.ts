/** The loss of a compiled model, as `train()` takes it. */
import { cannot, YfError } from "../errors.ts";
import type { Loss } from "../tfjs/losses.ts";
import type { layers } from "../tfjs/tf.ts";

/** @throws {YfError} `BAD_MODEL` if the model was not compiled, or without a loss. */
export function compiledLoss(model: layers.LayersModel): Loss {
  const { loss, optimizer } = model as unknown as { loss?: unknown; optimizer?: unknown };
  if (optimizer == null) {
    const rule = "you must compile a model before training (model.compile({ optimizer, loss }))";
    throw new YfError("BAD_MODEL", cannot(`fit the model ${model.name}`, rule), { model: model.name });
  }
  if (loss == null || (Array.isArray(loss) && loss.length === 0)) {
    const rule = "must be compiled with a loss";
    throw new YfError("BAD_MODEL", cannot(`fit the model ${model.name}`, rule), { model: model.name });
  }
  return loss as Loss;
}
