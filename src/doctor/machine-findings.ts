/** What the doctor says of the machine: versions, cores and memory, with the reason where not all of it may be used. */
import { type Cores, coresVariable, type Memory, readCores, readMemory } from "../machine/machine.ts";
import { significant } from "../report/live-fields.ts";
import type { Finding } from "./finding.ts";

const MiB = 2 ** 20;

/** @throws {YfError} `BAD_OPTION` for a number of cores that the user's environment has wrong. */
export function machineFindings(): Finding[] {
  const works = { kind: "machine", works: true, enable: null } as const;
  return [
    { ...works, name: "Node.js", detail: `${process.version}, ${process.platform} ${process.arch}` },
    { ...works, name: "cores", detail: coresDetail(readCores()) },
    { ...works, name: "memory", detail: memoryDetail(readMemory()) },
  ];
}

/** @returns Such as "2 of 64 (CPU quota of the control group: 2.5 cores), Xeon". */
export function coresDetail({ installed, limit, model, usable }: Cores): string {
  const cores = limitedCores(usable, installed, limit);
  return model === null ? cores : `${cores}, ${model}`;
}

function limitedCores(usable: number, installed: number, limit: Cores["limit"]): string {
  switch (limit?.by) {
    case undefined:
      return `${usable}`;
    case "affinity":
      return `${usable} of ${installed} (CPU affinity of the process)`;
    case "quota":
      return `${usable} of ${installed} (CPU quota of the control group: ${significant(limit.quota)} cores)`;
    case "variable":
      return `${usable}, by the environment variable ${coresVariable} (the machine has ${installed})`;
  }
}

/** @returns Such as "4096 MiB of 262144 MiB (limit of the control group), 3072 MiB of it free". */
export function memoryDetail({ freeBytes, installedBytes, usableBytes }: Memory): string {
  const [free, installed, usable] = [freeBytes, installedBytes, usableBytes].map(
    (bytes) => `${Math.round(bytes / MiB)} MiB`,
  );
  const memory =
    usableBytes < installedBytes ? `${usable} of ${installed} (limit of the control group)` : usable;
  return `${memory}, ${free} of it free`;
}
