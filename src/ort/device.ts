/** What an engine may compute on: processor cores, NVIDIA's graphics processors, or what a WebGPU adapter reaches. */
export type Device = "cpu" | "cuda" | "webgpu";
