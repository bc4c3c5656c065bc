/** The pictures of the pages: charts of committed results as SVG files beside them. `npm run readme` draws them. */
import { chartsAsSvg } from "./harness/charts-as-svg.ts";
import { committedResult } from "./harness/results.ts";

/** By file in `bench/results/`: the result, its charts by their titles and how they are called here, how many stand in a row. */
const pictures = {
  "momentum-failure.svg": {
    result: "momentum-failure",
    titles: {
      "1 worker": "1 worker",
      "16 workers at random": "16 workers at random",
      "16 workers in turn": "16 workers in turn",
    },
    columns: 3,
  },
  "momentum-trace.svg": {
    result: "momentum-trace",
    titles: {
      "1 worker, batch 1024, seed 1": "1 worker",
      "16 workers, open loop, batch 1024, seed 1": "16 workers, open loop",
      "16 workers, published loop, batch 1024, seed 1": "16 workers, published loop",
      "16 workers, closed loop (default), batch 1024, seed 1": "16 workers, default",
    },
    columns: 2,
  },
  "paper.svg": {
    result: "paper",
    titles: {
      "ResNet-20 on CIFAR-10 (JPEG)": "ResNet-20, 16 workers in turn",
      "char-LSTM on tinyshakespeare": "char-LSTM, 16 workers in turn",
    },
    columns: 2,
  },
} as const;

export type PictureName = keyof typeof pictures;

export const pictureNames = Object.keys(pictures) as PictureName[];

/** The file as it should be. @throws {Error} If the result or a chart is missing. */
export function picture(name: PictureName): string {
  const { columns, result, titles } = pictures[name];
  const charts = Object.entries(titles).map(([title, called]) => {
    const chart = committedResult(result)?.charts?.find((one) => one.title === title);
    if (chart === undefined) throw new Error(`Cannot draw ${name}: ${result} must have the chart "${title}"`);
    return { ...chart, title: called };
  });
  return chartsAsSvg(charts, columns);
}
