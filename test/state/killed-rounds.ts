import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { lmdb, logStore } from "../../src/adapters/embedded/index.ts";
import { loneState } from "./lone-state.ts";

/** What came of writing while being killed. */
export interface Killed {
  readonly acknowledged: number;
  /** From the first acknowledged write until it was killed. */
  readonly writingMs: number;
  /** Acknowledged, and not there afterwards. */
  readonly lost: readonly string[];
  /** Of two that are written together only one was kept. */
  readonly torn: readonly string[];
}

/** The writer as one script that starts at once; where it finds the packages of this repository. */
export async function bundledWriter(): Promise<string> {
  const outfile = fileURLToPath(
    new URL(`../../node_modules/.cache/sealwire/writer-${process.pid}.mjs`, import.meta.url),
  );
  await build({
    entryPoints: [fileURLToPath(new URL("./writer.ts", import.meta.url))],
    ...{ outfile, bundle: true, packages: "external", format: "esm", platform: "node" },
    ...{ target: "node20", logLevel: "silent" },
  });
  return outfile;
}

/** Starts a writer on a folder, kills it after so many acknowledged writes, and looks. */
export async function killedRound(
  writer: string,
  kind: "lmdb" | "log",
  folder: string,
  killAfter: number,
): Promise<Killed> {
  const child = spawn(process.execPath, [writer, kind, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const last = new Map<string, number>();
  let acknowledged = 0;
  let [beganMs, endedMs] = [0, 0];
  for await (const line of createInterface({ input: child.stdout })) {
    const [name = "", n] = line.split(" ");
    last.set(name, Number(n));
    acknowledged += 1;
    if (acknowledged === 1) beganMs = performance.now();
    if (acknowledged !== killAfter) continue;
    child.kill("SIGKILL");
    endedMs = performance.now();
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  if (child.signalCode !== "SIGKILL") throw new Error(`the writer ended with ${child.exitCode}`);
  return { acknowledged, writingMs: endedMs - beganMs, ...(await looked(kind, folder, last)) };
}

async function looked(kind: "lmdb" | "log", folder: string, last: ReadonlyMap<string, number>) {
  const store = await (kind === "log" ? logStore({ folder }) : lmdb({ folder }));
  const state = await loneState(store);
  const lost = [...last].filter(([name, n]) => !(Number(state.get(name)) >= n));
  const torn = [...state.all().keys()].filter((name) => !name.endsWith("-twin") && !isWhole(name));
  await state.close();
  return { lost: lost.map(([name, n]) => `${name} ${n}`), torn };

  function isWhole(name: string): boolean {
    const twin = state.get(`${name}-twin`);
    return typeof twin === "object" && twin !== null && "n" in twin && twin.n === state.get(name);
  }
}
