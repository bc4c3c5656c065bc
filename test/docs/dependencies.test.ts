/** `npm run check:dependencies`, with registries of every mood. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../data/folder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const write = temporaryFolder("dependencies");
const script = fileURLToPath(new URL("../../.config/check-dependencies.mjs", import.meta.url));

let checks = 0;

/** Runs the check in a folder, with a registry of the test's own, of which npm remembers nothing. */
async function check(folder: string, registry: RequestListener) {
  const cache = write(`npm-${checks++}`, "");
  rmSync(cache);
  const server = createServer(registry).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const child = spawn(process.execPath, [script], {
    cwd: folder,
    env: { ...process.env, npm_config_registry: `http://127.0.0.1:${port}/`, npm_config_cache: cache },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, "close")) as [number];
  server.close();
  return { code, lines: output.trim().split("\n") };
}

const refusing: RequestListener = (_, response) => response.writeHead(405).end();

/** A registry that knows of one vulnerability of a package. */
const knowing =
  (name: string, severity: string): RequestListener =>
  (request, response) => {
    const advisory = {
      id: 1,
      url: "/advisories/1",
      title: "It does too much",
      severity,
      vulnerable_versions: "<1000",
    };
    if (request.url?.endsWith("/advisories/bulk")) response.end(JSON.stringify({ [name]: [advisory] }));
    else response.writeHead(404).end("{}");
  };

const fine = `The licences of ${productionPackages()} packages are fine`;

function productionPackages(): number {
  const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, "utf8")) as {
    packages: Record<string, { dev?: boolean }>;
  };
  return Object.entries(packages).filter(([path, { dev }]) => path !== "" && dev !== true).length;
}

describe("install scripts", () => {
  const read = (file: string) => JSON.parse(readFileSync(`${root}/${file}`, "utf8"));

  it("run for koffi alone, with every npm: ONNX Runtime's would download libraries for GPUs, or fail where it cannot", () => {
    // npm 11 follows package.json. npm 10 runs what the lock file says has a script, so two lines are left out there;
    // whoever updates these packages deletes "hasInstallScript" again.
    const { packages } = read("package-lock.json") as {
      packages: Record<string, { hasInstallScript?: true }>;
    };
    const locked = Object.keys(packages).filter((path) => packages[path].hasInstallScript);
    expect(locked).toEqual(["node_modules/koffi"]);
    const { allowScripts } = read("package.json") as { allowScripts: Record<string, boolean> };
    expect(allowScripts).toEqual({ "core-js": false, koffi: true, "onnxruntime-node": false });
  });
});

describe("the check of dependencies", () => {
  it("says in a line that a registry does not answer, and passes", async () => {
    const { code, lines } = await check(root, refusing);
    expect(lines).toEqual([
      fine,
      "Known vulnerabilities were not looked up: the registry does not tell any (405)",
    ]);
    expect(code).toBe(0);
  });

  it("passes where nothing is known, and tells of what matters little", async () => {
    const none = await check(root, (_, response) => response.end("{}"));
    expect(none).toEqual({ code: 0, lines: [fine, "No package has a known vulnerability that matters"] });
    const { code, lines } = await check(root, knowing("commander", "low"));
    expect(lines).toContain("commander <1000: It does too much (low)");
    expect(code).toBe(0);
  });

  it("fails for a known vulnerability, with its package and what it is", async () => {
    const { code, lines } = await check(root, knowing("commander", "high"));
    expect(lines).toEqual([fine, "Cannot depend on commander <1000: It does too much (high)"]);
    expect(code).toBe(1);
  });

  it("fails for a licence that asks for something in return, or for none", async () => {
    const folder = dirname(write("package.json", '{"name":"a","version":"1.0.0"}'));
    const packages = {
      "": { name: "a", version: "1.0.0" },
      "node_modules/free": { version: "1.0.0", license: "(GPL-3.0 OR MIT)" },
      "node_modules/copyleft": { version: "1.0.0", license: "GPL-3.0" },
      "node_modules/both": { version: "1.0.0", license: "MIT AND GPL-3.0" },
      "node_modules/unsaid": { version: "1.0.0" },
      "node_modules/tool": { version: "1.0.0", license: "GPL-3.0", dev: true },
    };
    writeFileSync(`${folder}/package-lock.json`, JSON.stringify({ lockfileVersion: 3, packages }));
    const { code, lines } = await check(folder, refusing);
    expect(code).toBe(1);
    expect(
      lines.filter((line) => line.startsWith("Cannot")).map((line) => line.split(" ")[3].replace(":", "")),
    ).toEqual(["copyleft", "both", "unsaid"]);
    expect(lines).toContainEqual(expect.stringMatching(/copyleft: .* MIT \(got "GPL-3.0"\)$/));
  });
});
