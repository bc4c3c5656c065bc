/**
 * The dependency direction of src/ as rules: imports point down the levels, never up, never in a circle,
 * and each heavy library enters through one door. The level table is the one of src/README.md.
 */
const levels = [
  ["errors.ts", "install-folder.ts", "math/"],
  ["machine/", "optimizers/", "schedule/", "kernels/", "graph/", "formats/", "pages/"],
  ["shared/", "options/"],
  ["tuner/", "momentum-estimators/", "data/", "onnx/", "report/"],
  ["checkpoint/", "update/", "yellowfin/", "tfjs/", "ort/", "dashboard/"],
  ["engine/"],
  ["worker/"],
  ["task/", "setup/", "doctor/"],
  ["resume/"],
  ["run/"],
  ["train.ts", "fit/"],
  ["grid/"],
  ["index.ts"],
  ["cli/"],
];

const pattern = (entry) => `^src/${entry.replace(".", "\\.")}${entry.endsWith("/") ? "" : "$"}`;

const rules = levels.flatMap((level, depth) =>
  level.map((entry) => ({
    name: `level-${entry.replace(/\W/g, "")}`,
    comment: `src/${entry} is on level ${depth} and may only import lower levels`,
    severity: "error",
    from: { path: pattern(entry) },
    to: {
      path: levels
        .slice(depth)
        .flat()
        .filter((other) => other !== entry)
        .map(pattern),
    },
  })),
);

/** A rule that forbids nothing would match everything. */
const upward = rules.filter(({ to }) => to.path.length > 0);

const door = (library, doors) => ({
  name: `door-${library.replace(/\W/g, "")}`,
  comment: `${library} enters src/ only through ${doors.join(" and ")}`,
  severity: "error",
  from: { path: "^src/", pathNot: doors.map((file) => `^src/${file}`) },
  to: { path: `node_modules/${library}` },
});

module.exports = {
  forbidden: [
    {
      name: "no-circle",
      comment: "Modules may not import each other in a circle",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    ...upward,
    door("@tensorflow/", ["tfjs/tf\\.ts", "tfjs/wasm\\.ts"]),
    door("onnxruntime", []),
    door("koffi/", ["ort/c-api\\.ts", "ort/cuda-driver\\.ts", "ort/cuda-libraries\\.ts"]),
    door("piscina/", ["run/pool\\.ts"]),
    door("commander/", ["cli/"]),
    door("protobufjs/", ["onnx/model-proto\\.ts", "report/tensorboard/event-proto\\.ts"]),
    door("csv-parse/", ["data/csv-rows\\.ts"]),
    door("sharp/", ["data/image-decoder\\.ts"]),
    door("cli-progress/", ["report/terminal\\.ts", "report/counted-progress\\.ts"]),
    door("uplot/", ["pages/page\\.ts", "pages/browser/"]),
    door("pure-rand/", ["math/"]),
    door("quickselect/", ["math/"]),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "src/kernels/assembly" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
