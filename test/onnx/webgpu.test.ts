/** The part of the suite of conformance on WebGPU that takes seconds; among it what the provider itself gets wrong. */
import { describeOnWebGpu } from "./webgpu-conformance.ts";

describeOnWebGpu(["matrix products", "depthwise convolutions and volumes"]);
