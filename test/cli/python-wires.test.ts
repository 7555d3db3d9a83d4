import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { Place, SERVED } from "./program.ts";

/** Debian's own, which has the packages that the set-up installs. */
const PYTHON = "/usr/bin/python3";
const SECRET = "the secret of the Python systems";

const place = new Place();
const pythons: ChildProcess[] = [];

afterAll(async () => {
  for (const python of pythons) {
    const ended = once(python, "close");
    if (python.exitCode === null && python.kill()) await ended;
  }
  await place.close();
});

/** A server in Python of this wire, on a free port. */
async function pythonServer(wire: string, ...args: readonly string[]): Promise<string> {
  const file = fileURLToPath(new URL(`../interop/${wire}/server.py`, import.meta.url));
  const env = { ...process.env, TRUST_ID: SECRET };
  const child = spawn(PYTHON, ["-B", file, ...args], { env, stdio: ["pipe", "pipe", "inherit"] });
  pythons.push(child);
  const [line] = await once(createInterface(child.stdout), "line");
  return /\d+$/.exec(String(line))?.[0] ?? "";
}

it.each([
  ["zmq-password", "zmq-password", ["0", SECRET], { SEALWIRE_PASSWORD: SECRET }],
  ["nacl-box+zmq", "nacl-box", ["0"], { SEALWIRE_KEY: "abc" }],
  ["netconduit", "netconduit", [SECRET, "30", "90"], { SEALWIRE_PASSWORD: SECRET }],
  ["trust-rpc", "trust-rpc", ["ordered"], { TRUST_ID: SECRET }],
] as const)("calls a Python server by %s://", async (scheme, wire, args, env) => {
  const port = await pythonServer(wire, ...args);
  const url = `${scheme}://127.0.0.1:${port}`;
  const call = wire === "trust-rpc" ? ["greet", "Ann"] : ["add", "5", "7"];

  const answered = await place.run(["call", url, ...call], { env });
  const unknown = await place.run(["call", url, "nobody_has_this"], { env });

  expect(answered, answered.err).toMatchObject({
    ...{ code: 0, out: wire === "trust-rpc" ? '"Hello, Ann!"\n' : "12\n" },
  });
  expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining("NOT_FOUND") });
});

it("seals ZeroMQ by --curve, and calls only the server with the pinned key", async () => {
  const env = { SEALWIRE_PASSWORD: SECRET };
  const address = "zmq-password://127.0.0.1:0";
  const server = place.start(["serve", SERVED, "--listen", address, "--curve"], { env });
  const url = (await server.line("listening zmq")).slice("listening ".length);
  const key = (await server.line("CURVE key")).split(" ").at(-1) ?? "";
  const another = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
  const call = (...rest: readonly string[]) =>
    place.run(["call", url, "add", "5", "7", "--timeout", "3000", ...rest], { env });

  expect(await call("--curve", "--pin", key)).toMatchObject({ code: 0, out: "12\n" });
  expect(await call("--curve", "--pin", another)).toMatchObject({ code: 3 });
  expect(await call("--curve")).toMatchObject({ code: 2, err: expect.stringContaining("--pin") });
  expect((await call()).code).not.toBe(0);
});

it("finds TRUST_ID in .env, on both sides", async () => {
  writeFileSync(place.path(".env"), `TRUST_ID=${SECRET}\n`);
  const server = place.start(["serve", SERVED, "--listen", "trust-rpc://127.0.0.1:0"]);
  const url = (await server.line("listening trust-rpc")).slice("listening ".length);

  expect(await place.run(["call", url, "add", "5", "7"])).toMatchObject({ code: 0, out: "12\n" });
});
