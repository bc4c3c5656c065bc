/** Compiles the binding between Node.js and TensorFlow out of the sources that the npm package brings. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cannot, YfError } from "../errors.ts";
import type { Work } from "./recipe.ts";
import { runProgram } from "./run-program.ts";

const standard = "-std=c++17";

/** The user's C++ compiler. */
const compiler = () => process.env.CXX || "c++";

/** @param action What is being done, for the error. @throws {YfError} SETUP_FAILED unless there is one for C++17. */
export async function requireCompiler(action: string, { signal }: Work): Promise<void> {
  const rule = "its binding is compiled by a C++17 compiler (c++, or the one that the variable CXX names)";
  await runProgram(compiler(), [standard, "-x", "c++", "-fsyntax-only", "/dev/null"], {
    action,
    rule,
    signal,
  });
}

/** What the binding is linked with: by name, in the folder that it finds from its own place. */
const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

/** Where the package looks for its binding, by the version of Node-API. */
const nodeApi = 8;
const place = `lib/napi-v${nodeApi}`;

/** The one variable that threads would share without a lock: names that only go in and stay. */
const sharedVariable = "static std::set<std::string> ATTR_NAME_SET;";

/**
 * Compiles the binding into its package. All stays valid when the folder around is moved.
 *
 * @param folder The one that `node_modules` and TensorFlow, in `python/tensorflow`, are in.
 * @throws {YfError} SETUP_FAILED, with what the compiler said last.
 */
export async function buildBinding(
  folder: string,
  npmPackage: string,
  action: string,
  { signal, tell }: Work,
): Promise<void> {
  tell("compiles the binding");
  const home = join(folder, "node_modules", npmPackage);
  const sources = join(folder, "scratch", "binding");
  const tensorflow = join(folder, "python", "tensorflow");
  cpSync(join(home, "binding"), sources, { recursive: true });
  const backend = join(sources, "tfjs_backend.cc");
  writeFileSync(backend, forThreads(readFileSync(backend, "utf8"), action));
  mkdirSync(join(home, place), { recursive: true });
  const up = join(npmPackage, place).replace(/[^/]+/g, "..");
  const includes = [
    join(folder, "node_modules/node-api-headers/include"),
    join(tensorflow, "include"),
    sources,
  ];
  const args = [
    ...[standard, "-O2", "-fPIC", "-shared", "-fno-exceptions", "-fvisibility=hidden"],
    ...[`-DNAPI_VERSION=${nodeApi}`, ...includes.map((include) => `-I${include}`)],
    ...[backend, join(sources, "tfjs_binding.cc")],
    ...[`-L${tensorflow}`, ...libraries.map((library) => `-l:${library}`)],
    ...[`-Wl,-rpath,$ORIGIN/${up}/../python/tensorflow`, "-o", join(home, place, "tfjs_binding.node")],
  ];
  await runProgram(compiler(), args, { action, signal });
}

/** The source with a variable for each thread. @throws {YfError} SETUP_FAILED if it is not the source that we know. */
function forThreads(source: string, action: string): string {
  const [before, after, ...more] = source.split(sharedVariable);
  if (after !== undefined && more.length === 0) {
    return before + sharedVariable.replace("static", "static thread_local") + after;
  }
  const rule = `tfjs_backend.cc must have the line ${sharedVariable}`;
  throw new YfError("SETUP_FAILED", cannot(action, rule, `${source.length} characters without it`), {
    file: "tfjs_backend.cc",
    missing: sharedVariable,
  });
}
