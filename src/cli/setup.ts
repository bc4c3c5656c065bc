/** `yf-async setup NAME`: fetches what an engine or a device needs beyond the npm packages. */
import { Command } from "commander";
import { cudaRecipe } from "../setup/cuda-recipe.ts";
import type { Recipe } from "../setup/recipe.ts";
import { setUp } from "../setup/set-up.ts";
import { tensorflowRecipe } from "../setup/tensorflow-recipe.ts";
import { catchInterrupts } from "./interrupts.ts";

/** What every set-up takes. */
interface SetupFlags {
  readonly dryRun?: true;
  readonly json?: true;
}

export function setupCommand(): Command {
  return new Command("setup")
    .description("Fetch, check and keep what an engine or a device needs beyond the npm packages")
    .helpCommand(false)
    .addCommand(cuda())
    .addCommand(tensorflow());
}

function cuda(): Command {
  return subcommand(
    "cuda",
    "ONNX Runtime for NVIDIA's graphics processors (--device cuda); 1.3 GB, or 1.9 GB for CUDA 12",
  )
    .option("--without-driver", "Prepare a machine that has no driver yet, such as an image, for CUDA 13")
    .action((flags: SetupFlags & { readonly withoutDriver?: true }) =>
      perform(cudaRecipe({ withoutDriver: flags.withoutDriver === true }), flags),
    );
}

function tensorflow(): Command {
  return subcommand(
    "tensorflow",
    "TensorFlow's own kernels (--engine tensorflow); about 0.3 GB, with --gpu 2.3 GB",
  )
    .option("--gpu", "For NVIDIA's graphics processors, too")
    .option("--without-driver", "With --gpu: prepare a machine that has no driver yet, such as an image")
    .action((flags: SetupFlags & { readonly gpu?: true; readonly withoutDriver?: true }) => {
      const [gpu, withoutDriver] = [flags.gpu === true, flags.withoutDriver === true];
      return perform(tensorflowRecipe({ gpu, withoutDriver }), flags);
    });
}

function subcommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--dry-run", "Say what would be fetched and where to, and do nothing")
    .option("--json", "Print what came of it as one line of JSON on standard output")
    .option("--debug", "Show the stack of an error");
}

/** Progress is printed on standard error; standard output is for the result. */
async function perform(recipe: Recipe, { dryRun, json }: SetupFlags): Promise<void> {
  const interrupts = catchInterrupts();
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  try {
    const result = await setUp(recipe, { dryRun: dryRun === true, signal: interrupts.signal, tell });
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  } catch (error) {
    if (interrupts.exitCode === null) throw error;
    tell("interrupted; everything has been undone");
    process.exitCode = interrupts.exitCode;
  } finally {
    interrupts.release();
  }
}
