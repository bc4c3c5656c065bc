/**
 * What an update costs besides its gradient: each of the seven phases per update and per parameter, the main thread that
 * watches, and what all of that is of a training step.
 *
 * Costs per parameter are the slope of a line through MLPs of growing width on one thread, medians over rounds in which
 * all sizes take turns.
 */
import { performance } from "node:perf_hooks";
import { type OptionsInput, train } from "../../src/index.ts";
import type { Chart } from "../../src/pages/chart.ts";
import { mlp } from "../../src/tfjs/models/mlp.ts";
import type { layers } from "../../src/tfjs/tf.ts";
import type { FigureTable, ScenarioOptions, ScenarioResult } from "../harness/scenario.ts";
import { statisticsOf } from "../harness/statistics.ts";
import { type Net, nets } from "./nets.ts";
import { checkSchedules } from "./simulated-run.ts";

const updates = { "mlp-small": 20_000, "mlp-large": 1500, lenet: 3000 };
const never = 1e6;
const seed = 1;

const imageShape = [28, 28, 1];
const widths = [8, 32, 128, 512];
/** Of 784-W-10 with W hidden units. */
const parametersOf = (width: number) => 784 * width + width + 10 * width + 10;

/** A phase whose cost follows the minibatch and not the parameters is left out of the lines. */
const perParameter = ["read", "observe", "tune", "apply", "stamp"] as const;

interface Phases {
  readonly microsecondsPerUpdate: number;
  /** Of one update, by phase. */
  readonly phases: Readonly<Record<string, number>>;
  /** Share of one core that the main thread used to watch the run. */
  readonly watching: number;
}

interface NetPhases extends Phases {
  readonly net: string;
  readonly workers: number;
}

interface WidthPhases extends Phases {
  readonly parameters: number;
  readonly round: number;
}

export async function overheads({ quick, cells }: ScenarioOptions): Promise<ScenarioResult> {
  const checks = await checkSchedules("sync");
  const rounds = quick ? 2 : 7;
  cells.plan(2 * nets.length + rounds * widths.length);
  const steps: NetPhases[] = [];
  for (const net of nets) {
    for (const workers of [1, 2]) {
      const maxUpdates = Math.ceil(updates[net.name] / (quick ? 20 : 1));
      const title = `${net.title}, ${workers} ${workers === 1 ? "worker" : "workers"}`;
      const options = { workers, batchSize: net.batchSize, maxUpdates };
      const key = { net: net.name, ...options };
      const measured = await cells.get(title, key, () => phasesOf(buildOf(net), options, cells.signal));
      steps.push({ ...measured, net: net.title, workers });
    }
  }
  const byWidth: WidthPhases[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const width of round % 2 === 0 ? widths : widths.toReversed()) {
      const parameters = parametersOf(width);
      const options = { workers: 1, batchSize: 8, maxUpdates: quick ? 200 : 1_500 };
      const build = () => mlp(seed, imageShape, [width], 10);
      const title = `${parameters.toLocaleString("en-US")} parameters, round ${round + 1} of ${rounds}`;
      const key = { parameters, round, ...options };
      const measured = await cells.get(title, key, () => phasesOf(build, options, cells.signal));
      byWidth.push({ ...measured, parameters, round });
    }
  }
  return {
    parameters: { updates, widths, rounds, seed, batchSizeOfWidths: 8 },
    checks,
    comparisons: [],
    skipped: [],
    peerVersions: {},
    tables: [costs(byWidth), shares(steps)],
    charts: [costChart(byWidth)],
    details: { steps, byWidth },
  };
}

const buildOf = (net: Net) => () => net.build(seed);

async function phasesOf(
  build: () => layers.LayersModel,
  options: OptionsInput,
  signal: AbortSignal,
): Promise<Phases> {
  const model = build();
  const yields: ReturnType<typeof performance.eventLoopUtilization>[] = [];
  const { summary } = await train({
    ...{ ...options, model, data: "mnist", seed, signal, evalEverySeconds: never },
    callbacks: { onYield: () => yields.push(performance.eventLoopUtilization()) },
  });
  model.dispose();
  const micro = Object.entries(summary.phaseSeconds).map(
    ([phase, seconds]) => [phase, (1e6 * seconds) / summary.updates] as const,
  );
  return {
    microsecondsPerUpdate: micro.reduce((sum, [, cost]) => sum + cost, 0),
    phases: Object.fromEntries(micro),
    // From the first look at the run to the last, so that neither start-up nor the evaluation at the end counts.
    watching:
      yields.length < 2
        ? 0
        : performance.eventLoopUtilization(yields[yields.length - 1], yields[0]).utilization,
  };
}

interface Line {
  /** Microseconds of a model without parameters. */
  readonly fixed: number;
  /** Nanoseconds. */
  readonly perParameter: number;
}

/** Medians over the rounds by number of parameters. */
function mediansOf(measured: readonly WidthPhases[], phase: string): { x: number[]; y: number[] } {
  const x = [...new Set(measured.map(({ parameters }) => parameters))].sort((a, b) => a - b);
  const y = x.map((parameters) => {
    const own = measured.filter((one) => one.parameters === parameters);
    return statisticsOf(own.map(({ phases }) => phases[phase])).median;
  });
  return { x, y };
}

/** The line of least squares, relative to each value, so that small models count as much as large ones. */
function lineThrough({ x, y }: { readonly x: readonly number[]; readonly y: readonly number[] }): Line {
  const weights = y.map((value) => 1 / value ** 2);
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value, i) => sum + weights[i] * value, 0) / weights.reduce((a, b) => a + b, 0);
  const [meanX, meanY] = [mean(x), mean(y)];
  const slope =
    mean(x.map((value, i) => (value - meanX) * (y[i] - meanY))) /
    mean(x.map((value) => (value - meanX) ** 2));
  return { fixed: meanY - slope * meanX, perParameter: 1000 * slope };
}

function costs(measured: readonly WidthPhases[]): FigureTable {
  const sizes = [...new Set(measured.map(({ parameters }) => parameters))].sort((a, b) => a - b);
  return {
    title: "One thread, µs per update by number of parameters, medians, and the line through them",
    columns: [
      "phase",
      ...sizes.map((parameters) => parameters.toLocaleString("en-US")),
      "µs per update",
      "ns per parameter",
    ],
    rows: perParameter.map((phase) => {
      const medians = mediansOf(measured, phase);
      const line = lineThrough(medians);
      return [
        phase === "stamp" ? "stamp (telemetry)" : phase,
        ...medians.y.map((cost) => cost.toFixed(2)),
        line.fixed.toFixed(2),
        line.perParameter.toFixed(4),
      ];
    }),
  };
}

function costChart(measured: readonly WidthPhases[]): Chart {
  return {
    kind: "lines",
    title: "One thread: cost of the phases by number of parameters",
    x: { label: "parameters", scale: "log" },
    y: { label: "µs per update", scale: "log" },
    series: perParameter.map((phase) => ({ name: phase, ...mediansOf(measured, phase) })),
  };
}

function shares(steps: readonly NetPhases[]): FigureTable {
  const names = Object.keys(steps[0].phases);
  return {
    title: "Share of the workers' time by phase, and of one core that the main thread takes",
    columns: ["", "workers", "µs/update", ...names, "not gradient", "main thread"],
    rows: steps.map(({ net, workers, microsecondsPerUpdate, phases, watching }) => [
      net,
      `${workers}`,
      microsecondsPerUpdate.toFixed(0),
      ...names.map((name) => percent(phases[name] / microsecondsPerUpdate)),
      percent(1 - phases.gradient / microsecondsPerUpdate),
      percent(watching),
    ]),
  };
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
