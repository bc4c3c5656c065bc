/** Which model an order of reads and writes was recorded of: an order can be repeated with that one alone. */
import type { Program } from "../engine/engine.ts";
import { cannot, YfError } from "../errors.ts";
import type { RecordedOrder } from "../schedule/replay.ts";

/** The shape of each trained weight, such as "5x5x1x10", in the order of the model. */
export const weightShapes = ({ parameterShapes }: Program): string[] =>
  parameterShapes.map((shape) => shape.join("x"));

/** @throws {YfError} `BAD_ORDER` if the order was recorded of a model with other weights. */
export function requireRecordedModel({ weights }: RecordedOrder, program: Program): void {
  const own = weightShapes(program);
  const count = Math.max(own.length, weights.length);
  const differs = Array.from({ length: count }, (_, i) => i).find((i) => own[i] !== weights[i]);
  if (differs === undefined) return;
  const rule = `the model must be that of the recorded run, whose weight ${differs + 1} is ${weights[differs] ?? "none"}`;
  throw new YfError("BAD_ORDER", cannot("replay the order", rule, own[differs]), { weights, own });
}
