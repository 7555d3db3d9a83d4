import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Program, typed } from "./program.ts";

const running: Program[] = [];
let home: string;
let keys: { readonly calling: string; readonly serving: string };

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "sealwire-workers-"));
  keys = { calling: await newKey("ann"), serving: await newKey("worker --scope worker") };
});
afterEach(async () => {
  for (const program of running.splice(0)) {
    program.signal("SIGKILL");
    await program.ended();
  }
  rmSync(home, { recursive: true, force: true });
});

function started(line: string, key?: string): Program {
  const variables = key === undefined ? "" : `SEALWIRE_KEY=${key}`;
  const program = typed(`exec env SEALWIRE_HOME=${home} ${variables} ${line}`);
  running.push(program);
  return program;
}

async function newKey(user: string): Promise<string> {
  const program = started(`node bin/sealwire.js keys add ${home}/keys.json --user ${user}`);
  await program.ended();
  return program.lines.at(-1) ?? "";
}

async function listening(command: string): Promise<string> {
  const program = started(
    `node bin/sealwire.js ${command} --keys ${home}/keys.json --listen tcp://127.0.0.1:0`,
  );
  return (await program.line(/^listening /)).slice("listening ".length);
}

function client(url: string): Program {
  const line = `env SEALWIRE_URL=${url} node scripts/run.js examples/workers/client.ts`;
  return started(line, keys.calling);
}

async function worker(url: string): Promise<Program> {
  const line = `node bin/sealwire.js worker examples/workers/tasks.ts --broker ${url} --threads 2`;
  const program = started(line, keys.serving);
  expect(await program.line(/^serving /)).toBe("serving primesBelow slowly");
  return program;
}

/** What the client prints when so many processes answer. */
const printed = (processes: number) => [
  "primes below 1000000: 78498",
  "primes below -1: INVALID_ARGUMENT",
  `20 calls, answered by ${processes} processes`,
];

it("computes in threads of one server", async () => {
  const url = await listening("serve examples/workers/server.ts --workers 2");
  const program = client(url);
  expect(await program.ended(), program.errors()).toBe(0);
  expect(program.lines).toEqual(printed(1));
});

it("computes in workers that a broker gives the calls to", async () => {
  const url = await listening("broker");
  await worker(url);
  await worker(url);
  const program = client(url);
  expect(await program.ended(), program.errors()).toBe(0);
  expect(program.lines).toEqual(printed(2));
});

it("loses no call when a worker is killed", async () => {
  const url = await listening("broker");
  const lost = await worker(url);
  await worker(url);
  const program = client(url);
  await program.line(/INVALID_ARGUMENT/);
  lost.signal("SIGKILL");
  expect(await program.ended(), program.errors()).toBe(0);
  expect(program.lines.at(-1)).toMatch(/^20 calls, answered by [12] processes$/);
});
