/** Entry of the process, and of its threads, that `yf-async setup tensorflow` tries what it built with. */
import { tryTensorflow } from "../src/setup/try-tensorflow.ts";

await tryTensorflow(new URL(import.meta.url));
