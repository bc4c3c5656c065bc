/** All of the suite of conformance on WebGPU: minutes on an adapter in software. */
import { allFamilies, describeOnWebGpu } from "./webgpu-conformance.ts";

describeOnWebGpu(allFamilies);
