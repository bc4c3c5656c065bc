/** Sends a run to an MLflow server by its REST API: `post` sends JSON to a path of it and fails if the answer is an error. */
import { type TrainCallbacks, train } from "yf-async";

type Post = (path: string, body: object) => Promise<unknown>;

/** @param runId Of `runs/create`. @param failed Gets what went wrong: training continues without the server. */
function mlflow(post: Post, runId: string, failed: (error: unknown) => void): TrainCallbacks {
  return {
    onRecord(snapshot) {
      const metrics = Object.entries(snapshot)
        .filter(([, value]) => Number.isFinite(value))
        .map(([key, value]) => ({ key, value, timestamp: Date.now(), step: snapshot.updates }));
      post("/api/2.0/mlflow/runs/log-batch", { run_id: runId, metrics }).catch(failed);
    },
    onTrainEnd() {
      const ended = { run_id: runId, status: "FINISHED", end_time: Date.now() };
      post("/api/2.0/mlflow/runs/update", ended).catch(failed);
    },
  };
}

// Stands in for `fetch` and a server.
const post: Post = async (path, body) => console.log(path, Object.keys(body).join(" "));

await train({ model: "logistic", epochs: 0.1, workers: 2, callbacks: mlflow(post, "run-1", console.error) });
