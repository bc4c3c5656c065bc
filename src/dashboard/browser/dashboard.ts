/** The dashboard's page: shows each state that the server sends, and asks the run for what a button says. */
import type { Chart } from "../../pages/chart.ts";
import type { Action, DashboardState, Offer } from "../message.ts";

const byId = (id: string) => document.getElementById(id) as HTMLElement;

const lost = "connection lost, trying again";

const labels: Readonly<Record<Action, string>> = {
  pause: "Pause",
  resume: "Continue",
  checkpoint: "Save a checkpoint",
  stop: "Stop and save",
};

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function button({ action, unable }: Offer): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = labels[action];
  made.disabled = unable !== null;
  made.title = unable ?? "";
  made.addEventListener("click", async () => {
    if (action === "stop" && !confirm("Stop the training? What was trained so far is kept.")) return;
    made.disabled = true;
    try {
      const answer = await fetch(action, { method: "POST" });
      if (!answer.ok) byId("status").textContent = await answer.text();
    } catch {
      byId("status").textContent = lost;
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

/** Leaves what has not changed as it is, so that a button under the finger stays. */
function showOffers(offers: readonly Offer[]): void {
  const shown = JSON.stringify(offers);
  const place = byId("controls");
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  place.replaceChildren(...offers.flatMap((offer) => [button(offer), " "]));
  // A finger sees no title.
  byId("unable").textContent = offers.flatMap(({ unable }) => unable ?? []).join(" ");
}

type ChartPlace = HTMLElement & { chart: Chart };

/** A chart comes where it belongs, once there is something in it. */
function showCharts(charts: DashboardState["charts"]): void {
  let before: Element | null = null;
  for (const [name, chart] of Object.entries(charts)) {
    let place = document.getElementById(`chart-${name}`) as ChartPlace | null;
    if (place === null) {
      place = document.createElement("yf-chart") as ChartPlace;
      place.id = `chart-${name}`;
      if (before === null) byId("charts").prepend(place);
      else before.after(place);
    }
    place.chart = chart;
    before = place;
  }
}

function show({ charts, events, facts, offers, status, title }: DashboardState): void {
  document.title = `${status}: ${title}`;
  byId("run").textContent = title;
  byId("status").textContent = status;
  showOffers(offers);
  byId("facts").replaceChildren(
    ...facts.map(([label, text]) => {
      const fact = document.createElement("div");
      fact.append(element("dt", label), element("dd", text));
      return fact;
    }),
  );
  showCharts(charts);
  byId("events").replaceChildren(
    ...events.map(({ kind, text, time }) => {
      const row = document.createElement("tr");
      row.append(element("td", time), element("td", kind), element("td", text));
      return row;
    }),
  );
}

const stream = new EventSource("events");
stream.addEventListener("message", ({ data }) => {
  const state = JSON.parse(data as string) as DashboardState;
  // A page that is not visible draws nothing.
  if (document.hidden && !state.ended) return;
  show(state);
  if (state.ended) stream.close();
});
stream.addEventListener("error", () => {
  byId("status").textContent = lost;
});
