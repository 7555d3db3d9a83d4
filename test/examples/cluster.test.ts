import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { natsServerThere } from "../tools/nats-server.ts";
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

it.skipIf(!natsServerThere())("makes two servers one, as its README says", async () => {
  folders.push(await mkdtemp(join(tmpdir(), "sealwire-cluster-")));
  const anywhere = "tcp://127.0.0.1:0";
  const nodes = started(`examples/cluster/start.ts ${anywhere} ${anywhere}`);
  const found = ["a", "b"].map(async (id) => {
    const line = await nodes.line(new RegExp(`^node ${id} listening `));
    return line.split(" ").at(-1);
  });
  const [a, b] = await Promise.all(found);
  const client = started(`examples/cluster/client.ts ${a} ${b}`);
  expect(await client.ended(), client.errors()).toBe(0);
  const readme = await readFile("examples/cluster/README.md", "utf8");
  const [, promised = ""] = /It prints:\n\n```\n([\s\S]*?)\n```/.exec(readme) ?? [];
  expect(client.lines).toEqual(promised.split("\n"));
  nodes.signal("SIGINT");
  expect(await nodes.ended(), nodes.errors()).toBe(0);
});
