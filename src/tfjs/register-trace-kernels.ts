/** Makes TensorFlow.js send kernel calls to the trace backend. */
import { derivedKernels } from "./derived-kernels.ts";
import { computeSource, sourceKernels } from "./source-kernels.ts";
import { tf } from "./tf.ts";
import { type TraceBackend, traceBackendName } from "./trace-backend.ts";
import { tracedKernels } from "./traced-kernels.ts";

/** Registers every traced kernel, those of numbers from nothing, and what is made of others, for the backend `trace`; calls after the first change nothing. */
export function registerTraceKernels(): void {
  if (tf.getKernel("Add", traceBackendName)) return;
  for (const [kernelName, kernel] of tracedKernels) {
    tf.registerKernel({
      kernelName,
      backendName: traceBackendName,
      kernelFunc: ({ inputs, backend, attrs }) =>
        (backend as TraceBackend).call(kernelName, kernel, inputs, attrs ?? {}),
    });
  }
  for (const kernelName of sourceKernels) {
    tf.registerKernel({
      kernelName,
      backendName: traceBackendName,
      kernelFunc: ({ backend, attrs }) => {
        const { dtype, shape, values } = computeSource(kernelName, attrs ?? {});
        return { dataId: (backend as TraceBackend).write(values, shape, dtype), shape, dtype };
      },
    });
  }
  for (const [kernelName, compose] of Object.entries(derivedKernels)) {
    tf.registerKernel({
      kernelName,
      backendName: traceBackendName,
      kernelFunc: ({ inputs, attrs }) => compose(inputs as Parameters<typeof compose>[0], attrs ?? {}),
    });
  }
}
