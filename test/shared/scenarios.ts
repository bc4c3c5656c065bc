/**
 * What the actors of the stepping scheduler do: small programs over the real parts of src/shared.
 *
 * Each scenario lays out its memory and gives one program per actor. A program returns what it saw; the tests say
 * what must hold of it in every interleaving.
 */
import { plainKernels } from "../../src/kernels/plain.ts";
import { Counter } from "../../src/shared/counter.ts";
import { drainInOrder } from "../../src/shared/drain-in-order.ts";
import { Gate } from "../../src/shared/gate.ts";
import { IterateRing } from "../../src/shared/iterate-ring.ts";
import { type Regions, region, transient, type Views } from "../../src/shared/layout.ts";
import { Mailbox } from "../../src/shared/mailbox.ts";
import { RecordRing } from "../../src/shared/record-ring.ts";
import { TryLock } from "../../src/shared/try-lock.ts";
import type { SteppingAtomics } from "./stepping-atomics.ts";

export interface Scenario<R extends Regions = Regions> {
  readonly regions: R;
  readonly actors: readonly ((views: Views<R>, atomics: SteppingAtomics) => unknown)[];
}

const scenario = <R extends Regions>(regions: R, ...actors: Scenario<R>["actors"]): Scenario<R> => ({
  regions,
  actors,
});

type MailboxViews = Views<ReturnType<typeof Mailbox.regions>>;

const steppedMailbox = ({ sequence, record }: MailboxViews, atomics: SteppingAtomics): Mailbox =>
  new Mailbox({ sequence, record: atomics.stepped(record) }, atomics);

const publishTwice = (views: MailboxViews, atomics: SteppingAtomics): void => {
  const mailbox = steppedMailbox(views, atomics);
  mailbox.publish([1, 1]);
  mailbox.publish([2, 2]);
};

const readTwice = (views: MailboxViews, atomics: SteppingAtomics): (number[] | null)[] => {
  const mailbox = steppedMailbox(views, atomics);
  const record = new Float64Array(2);
  return [0, 0].map(() => (mailbox.read(record) ? [...record] : null));
};

/** What a reader without the second look at the sequence would do: wrong, to show that the scheduler sees it. */
const readWithoutSecondLook = (
  { sequence, record }: MailboxViews,
  atomics: SteppingAtomics,
): number[] | null => {
  const payload = atomics.stepped(record);
  const before = atomics.load(sequence, 0);
  return before === 0 || before % 2 !== 0 ? null : [payload[0], payload[1]];
};

type RingViews = Views<ReturnType<typeof RecordRing.regions>>;

const steppedRing = (views: RingViews, atomics: SteppingAtomics): RecordRing =>
  new RecordRing({ ...views, records: atomics.stepped(views.records) }, 2, atomics);

const postAndDrain =
  (rank: number) =>
  (views: Views<typeof drainRegions>, atomics: SteppingAtomics): number[][] => {
    const tickets = new Counter(views.tickets, atomics);
    const lock = new TryLock(views.lock, atomics);
    const rings = views.rings.map((ring) => new RecordRing(ring, 2, atomics));
    const seen: number[][] = [];
    for (let i = 0; i < 2; i++) {
      rings[rank].post([tickets.next(), rank]);
      if (lock.tryAcquire(rank)) {
        // Whoever else is in here at the same time would find the mark.
        seen.push([-1, views.inside[0]++]);
        drainInOrder(rings, (record) => seen.push([...record, views.consumed[0]++]));
        views.inside[0]--;
        lock.release(rank);
      }
    }
    return seen;
  };
const drainRegions = {
  tickets: Counter.regions,
  lock: TryLock.regions,
  rings: [RecordRing.regions(2, 2), RecordRing.regions(2, 2)],
  inside: region("float64", 1, transient),
  consumed: region("float64", 1, transient),
};

type IterateViews = Views<ReturnType<typeof IterateRing.regions>>;

const steppedIterates = (views: IterateViews, atomics: SteppingAtomics): IterateRing =>
  new IterateRing({ ...views, samples: atomics.stepped(views.samples) }, atomics);

const writeIterate =
  (r: number) =>
  (views: IterateViews, atomics: SteppingAtomics): boolean =>
    steppedIterates(views, atomics).write(r, Float32Array.of(10 + r, 10 + r), Int32Array.of(0, 1));

const gateRegions = {
  gate: Gate.regions(2),
  pairs: [region("float64", 2, transient), region("float64", 2, transient)],
};
type GateViews = Views<typeof gateRegions>;

/** Raises both numbers of this worker's pair: equal whenever it is outside the gate. */
const apply =
  (rank: number, updates: number) =>
  (views: GateViews, atomics: SteppingAtomics): void => {
    const gate = new Gate(views.gate, atomics);
    const pair = atomics.stepped(views.pairs[rank]);
    for (let i = 1; i <= updates; i++) {
      gate.enter(rank);
      pair[0] = i;
      pair[1] = i;
      gate.leave(rank);
    }
  };

/** Closes the gate, looks at the pairs of the first `workers` workers, and opens it again. */
const lookBehindGate =
  (workers: number, timeoutMs: number) =>
  (views: GateViews, atomics: SteppingAtomics): { inside: number[]; pairs: number[][] } => {
    const gate = new Gate(views.gate, atomics);
    const inside = gate.close(timeoutMs);
    const pairs = views.pairs.slice(0, workers).map((pair) => {
      const stepped = atomics.stepped(pair);
      return [stepped[0], stepped[1]];
    });
    gate.open();
    return { inside, pairs };
  };

export const scenarios = {
  "two publishes, two reads": scenario(Mailbox.regions(2), publishTwice, readTwice),
  "two publishes, a read without a second look": scenario(
    Mailbox.regions(2),
    publishTwice,
    readWithoutSecondLook,
  ),
  "three posts, three takes, two slots": scenario(
    RecordRing.regions(2, 2),
    (views, atomics) => {
      const ring = steppedRing(views, atomics);
      return [1, 2, 3].map((ticket) => ring.post([ticket, -ticket]));
    },
    (views, atomics) => {
      const ring = steppedRing(views, atomics);
      const record = new Float64Array(2);
      return [1, 2, 3].map(() => (ring.take(record) ? [...record] : null));
    },
  ),
  "two workers post and drain": scenario(drainRegions, postAndDrain(0), postAndDrain(1)),
  "two iterates and a reader at one slot": scenario(
    IterateRing.regions(1, 2),
    writeIterate(0),
    writeIterate(1),
    (views, atomics) => {
      const iterates = steppedIterates(views, atomics);
      const sample = new Float32Array(2);
      return [0, 1].map((r) => (iterates.read(r, sample) ? [...sample] : null));
    },
  ),
  "two workers at a gate that closes": scenario(
    gateRegions,
    apply(0, 1),
    apply(1, 1),
    lookBehindGate(2, Number.POSITIVE_INFINITY),
  ),
  "a worker that comes again to a gate that closes": scenario(
    gateRegions,
    apply(0, 2),
    lookBehindGate(1, Number.POSITIVE_INFINITY),
  ),
  "a worker in the gate for too long": scenario(gateRegions, apply(0, 1), lookBehindGate(1, 1e9)),
  "three threads count": scenario(
    Counter.regions,
    ...[0, 1, 2].map(() => (cell: BigInt64Array, atomics: SteppingAtomics) => {
      const counter = new Counter(cell, atomics);
      return [counter.next(), counter.next()];
    }),
  ),
  // The plain kernels, for they are the SIMD kernels one element at a time.
  "two momentum updates of one parameter": scenario(
    { parameters: region("float32", 1, transient), velocity: region("float32", 1, transient) },
    ...[0, 1].map(
      () => (views: Record<"parameters" | "velocity", Float32Array>, atomics: SteppingAtomics) => {
        const [x, d] = [atomics.stepped(views.parameters), atomics.stepped(views.velocity)];
        plainKernels().applyMomentum(x, d, Float32Array.of(-1), 0.5, 1);
      },
    ),
  ),
  "an update of two parameters and a copy of them": scenario(
    region("float32", 2, transient),
    (parameters, atomics) => plainKernels().applySgd(atomics.stepped(parameters), Float32Array.of(-1, -1), 1),
    (parameters, atomics) => {
      const copy = new Float32Array(2);
      copy.set(atomics.stepped(parameters));
      return [...copy];
    },
  ),
  "two observations of one gradient mean": scenario(
    region("float32", 1, transient),
    ...[0, 1].map(
      () => (mean: Float32Array, atomics: SteppingAtomics) =>
        plainKernels().observe(Float32Array.of(1), atomics.stepped(mean), 1, 0.5),
    ),
  ),
};

export type ScenarioName = keyof typeof scenarios;
