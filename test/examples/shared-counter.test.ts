import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type Program, typed } from "./program.ts";

const running: Program[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const program of running.splice(0)) {
    program.signal("SIGKILL");
    await program.ended();
  }
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

function started(line: string): Program {
  const program = typed(`exec env SEALWIRE_HOME=${folders[0]} node scripts/run.js ${line}`);
  running.push(program);
  return program;
}

async function served(folder: string) {
  const program = started(`examples/shared-counter/server.ts ${folder}/state tcp://127.0.0.1:0`);
  const url = (await program.line(/^listening /)).slice("listening ".length);
  return { program, url, kept: await program.line(/^kept in /) };
}

it("counts on when its server is killed and started again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sealwire-counter-"));
  folders.push(folder);
  const first = await served(folder);
  const client = started(`examples/shared-counter/client.ts ${first.url}`);
  expect(await client.ended(), client.errors()).toBe(0);
  expect(client.lines).toEqual([
    "visitors: 1, 2, 3",
    'CONFLICT: somebody else has written "Hello"',
    "visitors = 3",
  ]);
  first.program.signal("SIGKILL");
  await first.program.ended();
  const second = await served(folder);
  expect([first.kept, second.kept]).toEqual([
    `kept in lmdb in ${folder}/state; visitors so far: 0`,
    `kept in lmdb in ${folder}/state; visitors so far: 3`,
  ]);
});
