import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Program, typed } from "./program.ts";

const PASSWORD = "password-of-the-test";
const running: Program[] = [];
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "netconduit-"));
});

afterEach(async () => {
  for (const program of running.splice(0)) {
    program.signal("SIGKILL");
    await program.ended();
  }
  await rm(folder, { recursive: true });
});

function run(line: string): Program {
  const program = typed(`exec env NETCONDUIT_FILES=${folder} ${line}`);
  running.push(program);
  return program;
}

async function served(): Promise<string> {
  const address = `--listen netconduit://127.0.0.1:0 --password ${PASSWORD}`;
  const server = run(`node bin/sealwire.js serve examples/netconduit/server.ts ${address}`);
  return /netconduit:\S+/.exec(await server.line(/^listening /))?.[0] ?? "";
}

it("does what its page says, and the client shows it", async () => {
  const url = await served();
  const client = run(
    `NETCONDUIT_URL=${url} NETCONDUIT_PASSWORD=${PASSWORD} ` +
      "node scripts/run.js examples/netconduit/client.ts",
  );
  expect(await client.ended(), client.errors()).toBe(0);
  expect(client.lines.map((line) => line.replace(/^(\S+(?: \S+)*) {2,}/, "$1 | "))).toEqual([
    "add | 5",
    'greet | "Hello, Ada!"',
    'calculate | {"result":3.5}',
    "calculate | UNKNOWN: Division by zero",
    "calculate | INVALID_ARGUMENT: Unknown operation: power",
    "add | INVALID_ARGUMENT: Validation error in add",
    'users.list | [{"id":3,"name":"cyd"},{"id":4,"name":"dan"}]',
    'the wrapper | {"success":true,"data":[{"id":3,"name":"cyd"},{"id":4,"name":"dan"}],' +
      '"pagination":{"total":5,"page":2,"page_size":2,"total_pages":3,' +
      '"has_next":true,"has_prev":true}}',
    "users.get | NOT_FOUND: User not found: 7",
    "discovered | add, greet, calculate",
    'ping | {"pong":true,"data":{"n":1}}',
    'chat | {"delivered":0}',
    "files | hello.txt",
    "download | hello, files",
    "tick | number",
  ]);
});

it("answers the command line, by position and by name", async () => {
  const url = await served();
  const call = (words: string) =>
    run(`node bin/sealwire.js call ${url} ${words} --password ${PASSWORD}`);
  const sum = call("add 5 7");
  expect(await sum.ended(), sum.errors()).toBe(0);
  expect(sum.lines).toEqual(["12"]);
  const named = call(`add --named '{"a":5,"b":7}'`);
  expect(await named.ended(), named.errors()).toBe(0);
  expect(named.lines).toEqual(["12"]);
  const wrong = call("calculate divide 1 0");
  expect(await wrong.ended()).toBe(1);
  expect(wrong.errors()).toContain("Division by zero");
});
