/** Whether a gradient may be used: the one rule for losses and gradients that are not finite. */
import { cannot, YfError } from "../errors.ts";
import type { TrainJob } from "./protocol.ts";
import type { WorkerContext } from "./worker-context.ts";

/** A worker gives up after this many gradients in a row that are not finite: the parameters are beyond repair. */
const maxSkippedInARow = 20;

/**
 * Whether the worker's gradient may be observed and applied. One that is not finite is skipped and counted.
 *
 * @param squaredNorm |g|², which is not finite if any element of g is not.
 * @throws {YfError} NON_FINITE after {@link maxSkippedInARow} in a row.
 */
export function acceptGradient(worker: WorkerContext, squaredNorm: number): boolean {
  const { memory, slot } = worker;
  if (Number.isFinite(slot.loss) && Number.isFinite(squaredNorm)) {
    slot.skippedInARow = 0;
    return true;
  }
  memory.skipped.next();
  if (++slot.skippedInARow >= maxSkippedInARow) throw notFinite(worker);
  return false;
}

function notFinite({ gradient, job, memory, rank, slot }: WorkerContext): YfError {
  const update = memory.updates.value;
  const found =
    firstNotFinite(memory.snapshot(rank), job, "parameter") ??
    firstNotFinite(gradient, job, "gradient of") ??
    `the loss is ${slot.loss}`;
  return new YfError(
    "NON_FINITE",
    cannot(
      "continue training",
      `loss and gradient must be finite (the last ${maxSkippedInARow} minibatches of worker ${rank} at update ${update} were not)`,
      found,
    ),
    { rank, update },
  );
}

/** Names the first element that is NaN or infinite, as `kind "tensor"[index] is value`. */
function firstNotFinite(values: Float32Array, job: TrainJob, kind: string): string | null {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return null;
  const tensor = job.programs[0].parameters.find(({ offset, length }) => index < offset + length);
  return `${kind} "${tensor?.name}"[${index - (tensor?.offset ?? 0)}] is ${values[index]}`;
}
