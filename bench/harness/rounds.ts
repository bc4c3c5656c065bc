/**
 * Runs contenders in alternation, round by round, so that whatever slows the machine down for a while slows all.
 *
 * The order is turned around with every round (A B, B A, …): a steady drift then favours no one. The first round warms
 * up and is not counted. What a measurement is and how long it takes is the contender's matter.
 */
import { type Statistics, statisticsOf } from "./statistics.ts";

export interface Contender {
  readonly name: string;
  /** Measures once. @returns A finite number > 0, in the unit of the comparison. */
  measure(): number | Promise<number>;
  /**
   * Begins anew and warms up, where one start is faster than another for as long as it lasts, by where its memory lies. It
   * is called before every round that counts.
   */
  restart?(): Promise<void>;
}

export interface RoundsOptions {
  /** What is compared: "LeNet, batch 64". */
  readonly title: string;
  /** Unit of the measurements: "gradients/s". */
  readonly unit: string;
  readonly better: "higher" | "lower";
  /** Rounds that count, an integer ≥ 1; an even number gives every contender both places equally often. */
  readonly rounds: number;
}

interface ContenderResult extends Statistics {
  readonly name: string;
  /** The better of min and max. */
  readonly best: number;
  /** One measurement a round, in the order of the rounds. */
  readonly rounds: readonly number[];
}

/** How many times as good the first contender is as another one; above 1 the first is better. */
interface Ratio {
  readonly against: string;
  /** Best round against best round. */
  readonly best: number;
  readonly median: number;
}

export interface Comparison extends Omit<RoundsOptions, "rounds"> {
  readonly contenders: readonly ContenderResult[];
  /** One for each contender but the first. */
  readonly ratios: readonly Ratio[];
}

/**
 * Measures every contender once a round.
 *
 * @param contenders The first one is the one that is compared with all others.
 * @throws {RangeError} If a measurement is not a finite number > 0.
 */
export async function runRounds(
  contenders: readonly Contender[],
  { title, unit, better, rounds }: RoundsOptions,
): Promise<Comparison> {
  const measured = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (let round = -1; round < rounds; round++) {
    if (round >= 0) for (const contender of contenders) await contender.restart?.();
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const value = await contender.measure();
      if (!(value > 0 && Number.isFinite(value))) {
        const rule = "every measurement must be a finite number > 0";
        throw new RangeError(`Cannot compare "${title}": ${rule} (got ${value} from ${contender.name})`);
      }
      if (round >= 0) measured.get(contender)?.push(value);
    }
  }
  const results = [...measured].map(([{ name }, values]): ContenderResult => {
    const statistics = statisticsOf(values);
    return {
      name,
      ...statistics,
      best: better === "higher" ? statistics.max : statistics.min,
      rounds: values,
    };
  });
  return { title, unit, better, contenders: results, ratios: ratiosOf(results, better) };
}

function ratiosOf([first, ...others]: readonly ContenderResult[], better: "higher" | "lower"): Ratio[] {
  const ratio = (a: number, b: number) => (better === "higher" ? a / b : b / a);
  return others.map((other) => ({
    against: other.name,
    best: ratio(first.best, other.best),
    median: ratio(first.median, other.median),
  }));
}
