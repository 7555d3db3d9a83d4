import { afterEach, expect, it } from "vitest";
import { type Program, typed } from "./program.ts";

const running: Program[] = [];

afterEach(async () => {
  for (const program of running.splice(0)) {
    program.signal("SIGKILL");
    await program.ended();
  }
});

function started(line: string): Program {
  const program = typed(`exec ${line}`);
  running.push(program);
  return program;
}

/** A line run to its end: what it printed. */
async function printed(line: string): Promise<readonly string[]> {
  const program = started(line);
  expect(await program.ended(), program.errors()).toBe(0);
  return program.lines;
}

async function served(scheme: string, proof: string): Promise<string> {
  const listen = `--listen ${scheme}://127.0.0.1:0 ${proof}`;
  const server = started(`node bin/sealwire.js serve examples/secure-rpc/server.ts ${listen}`);
  return (await server.line(/^listening /)).slice("listening ".length);
}

const CLIENT = "node scripts/run.js examples/secure-rpc/client.ts";

it("does and prints what the client of the document does and prints", async () => {
  const url = await served("zmq-password", "--password geheim");
  const client = `env SEALWIRE_URL=${url} SEALWIRE_PASSWORD`;
  expect(await printed(`${client}=geheim ${CLIENT}`)).toEqual(["5 + 7 = 12", "3 * 4 = 12"]);
  expect(await printed(`${client}=falsch ${CLIENT}`)).toEqual([
    "Fehler beim RPC-Aufruf: Ungültiges Passwort",
  ]);
});

it.each(["nacl-box+zmq", "nacl-box+ws"])("does so over %s, and knows its user", async (scheme) => {
  const url = await served(scheme, "--api-key 1:abc123");
  const lines = await printed(`env SEALWIRE_URL=${url} SEALWIRE_KEY=abc123 ${CLIENT}`);
  expect(lines).toEqual(["5 + 7 = 12", "3 * 4 = 12", "Ich bin User 1", "zahl = 5"]);
});

it("answers the command line by kind: a value, a failed function, an unknown one", async () => {
  const url = await served("zmq-password", "--password geheim");
  const call = (rest: string) =>
    started(`node bin/sealwire.js call ${url} ${rest} --password geheim`);
  const [sum, failed, unknown] = [call("add 5 7"), call("fail böse"), call("nope")];
  expect([await sum.ended(), sum.lines]).toEqual([0, ["12"]]);
  expect([await failed.ended(), failed.errors()]).toEqual([1, expect.stringContaining("böse")]);
  expect([await unknown.ended(), unknown.errors()]).toEqual([
    1,
    expect.stringContaining("NOT_FOUND"),
  ]);
});

it("calls a server in Python from the command line", async () => {
  const python = "/usr/bin/python3 -B test/interop/zmq-password/server.py 0 geheim";
  const port = await started(python).line(/^\d+$/);
  const url = `zmq-password://127.0.0.1:${port}`;
  const lines = await printed(`node bin/sealwire.js call ${url} add 5 7 --password geheim`);
  expect(lines).toEqual(["12"]);
});

it("says which secret to set where there is none", async () => {
  const careless = started(`env -u SEALWIRE_PASSWORD -u SEALWIRE_KEY ${CLIENT}`);
  expect(await careless.ended()).toBe(2);
  expect(careless.errors()).toContain("set SEALWIRE_PASSWORD");
});
