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

/** An example, with what is typed into it. */
function started(input: string, file: string): Program {
  const home = `SEALWIRE_HOME=${folders[0]}`;
  const program = typed(`${input} | env ${home} node scripts/run.js examples/chat-rooms/${file}`);
  running.push(program);
  return program;
}

it("lets two people talk, ask and see each other come and go", async () => {
  folders.push(await mkdtemp(join(tmpdir(), "sealwire-chat-")));
  const server = started(":", "server.ts tcp://127.0.0.1:0");
  const at = (await server.line(/^listening /)).slice("listening ".length);
  const ann = started("tail -f /dev/null", `client.ts ${at} lobby Ann`);
  await ann.line(/^\* in$/);
  const bob = started("printf 'good morning\\n?\\n'", `client.ts ${at} lobby Bob`);
  expect(await bob.ended(), bob.errors()).toBe(0);
  await ann.line(/^\* Bob left$/);
  expect(bob.lines).toEqual([
    "* Ann joined",
    "* Bob joined",
    "* in",
    "said to 1",
    "1 answered, 0 did not",
    "* out: you have left",
  ]);
  expect(ann.lines).toEqual([
    "* Ann joined",
    "* in",
    "* Bob joined",
    "Bob: good morning",
    "* Bob left",
  ]);
  expect(server.lines).toContain("lobby: Bob left");
});
