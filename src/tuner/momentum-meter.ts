/** The measured total momentum as people look at it: averaged. The loop takes the raw measurements. */
import { addToEma, type Ema, emaValue, newEma } from "../math/ema.ts";
import { clipMeasurement } from "./momentum-feedback.ts";

const decay = 0.99;

export type MomentumMeter = Ema;

export const newMomentumMeter = newEma;

/** Adds μ̂ unless it is NaN. @returns The average over about 100 measurements, NaN before the first. */
export function meterMomentum(meter: MomentumMeter, measured: number): number {
  if (!Number.isNaN(measured)) addToEma(meter, clipMeasurement(measured), decay);
  return meter.weight === 0 ? Number.NaN : emaValue(meter);
}
