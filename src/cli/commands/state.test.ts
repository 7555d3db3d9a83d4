import { Command } from "commander";
import { afterEach, beforeEach, expect, it } from "vitest";
import { recordingShell } from "../../../test/cli/recording-shell.ts";
import { bearerTokens } from "../../auth/index.ts";
import { createServer, type NodeServer } from "../../presets/node.ts";
import { stateCommand } from "./state.ts";

let server: NodeServer;
let pin: string;
beforeEach(async () => {
  server = createServer({ authenticator: bearerTokens({ "a token of this test": "ann" }) });
  await server.listen("tcp://127.0.0.1:0");
  pin = await server.fingerprint();
});
afterEach(() => server.close({ drainMs: 0 }));

/** Runs `sealwire state` with the address of the server in the place of `URL`. */
async function state(...line: readonly string[]) {
  const { shell, out, notes } = recordingShell();
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  let code = -1;
  stateCommand(program, async (work) => {
    code = await work(shell);
  });
  const args = line.map((word) => (word === "URL" ? String(server.address) : word));
  const known = ["--token", "a token of this test", "--pin", pin];
  await program.parseAsync(["node", "sealwire", "state", ...args, ...known]);
  return { code, out, notes };
}

it("sets, gets, lists, adds and deletes", async () => {
  expect(await state("set", "URL", "x", '{"a":1}')).toMatchObject({ code: 0, out: [] });
  expect((await state("get", "URL", "x")).out).toEqual([
    '{"name":"x","value":{"a":1},"version":1}',
  ]);
  expect((await state("add", "URL", "n", "5")).out).toEqual(["5"]);
  expect((await state("add", "URL", "n")).out).toEqual(["6"]);
  expect((await state("get", "URL")).out).toEqual([
    '{"name":"x","value":{"a":1}}',
    '{"name":"n","value":6}',
  ]);
  expect((await state("delete", "URL", "x")).code).toBe(0);
  expect((await state("delete", "URL", "x")).code).toBe(1);
  expect((await state("get", "URL", "x")).code).toBe(1);
});

it("takes what is no JSON for text", async () => {
  await state("set", "URL", "greeting", "hello");
  expect(server.shared.get("greeting")).toBe("hello");
});

it("replaces the expected version alone, and says which there is", async () => {
  const made = await state("cas", "URL", "x", "1", "--expect", "0");
  expect(made).toMatchObject({ code: 0, out: ['{"name":"x","value":1,"version":1}'] });
  const refused = await state("cas", "URL", "x", "2", "--expect", "0");
  expect([refused.code, refused.notes.join()]).toEqual([1, expect.stringContaining("version 1")]);
  await expect(state("cas", "URL", "x", "2", "--expect", "one")).rejects.toThrow("whole number");
  await expect(state("add", "URL", "n", "much")).rejects.toThrow("It must be a number");
});

it("prints what is there, then each change", async () => {
  await server.shared.set("room/a", 1);
  const watching = state("watch", "URL", "room/", "--prefix", "--count", "3");
  await expect.poll(() => server.connections.size).toBe(1);
  const [connection] = [...server.connections.values()];
  await expect.poll(() => connection?.statistics.incomingCalls).toBe(1);
  await server.shared.set("hall", 1);
  await server.shared.set("room/b", "two");
  await server.shared.delete("room/a");
  expect((await watching).out).toEqual([
    '{"name":"room/a","value":1,"version":1}',
    '{"name":"room/b","value":"two","version":1}',
    '{"name":"room/a","version":2}',
  ]);
});
