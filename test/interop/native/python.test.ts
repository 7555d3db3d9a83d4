import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeHex } from "../../../src/bytes/text.ts";
import { createServer } from "../../../src/presets/node.ts";
import type { Server } from "../../../src/server/server.ts";
import {
  ANN,
  API_KEY,
  everybody,
  fixedKeys,
  IDENTITY,
  SECRET,
  TOKEN,
} from "../../native/greeting.ts";

const execute = promisify(execFile);
/** Debian's own, which has the packages that the set-up installs. */
const PYTHON = "/usr/bin/python3";
const run = (args: readonly string[]) => execute(PYTHON, ["-B", ...args]);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

let server: Server;

beforeAll(async () => {
  server = createServer({
    authenticator: await everybody(),
    name: "interop",
    native: { identity: IDENTITY, rekeyAfterRecords: 20 },
  });
  const open = { public: true };
  server.expose({ add: (a: number, b: number) => a + b, count }, open);
  server.expose({ bytes: (n: number) => new Uint8Array(n), measure: lengthOf }, open);
  server.procedure("whoami", open, (call) => call.principal?.id);
  server.procedure("sum", open, async (call) => {
    let sum = 0;
    for await (const item of call.input) sum += Number(item);
    return { sum, meta: call.meta };
  });
  for (const name of ["news", "tellMe"]) server.event(name, open);
  server.onEvent("tellMe", (data) => void server.broadcast("news", { heard: data }));
  await server.listen("tcp://127.0.0.1:0");
});

afterAll(() => server.close({ drainMs: 0 }));

/** What the Python client prints, and what it complains of. */
async function python(way: string, credential = "", key: Uint8Array = IDENTITY.publicKey) {
  const { hostname = "", port = "" } = server.address ?? {};
  const args = [here("client.py"), hostname, port, encodeHex(key), way, credential];
  const { stdout, stderr } = await run(args).catch((failed: unknown) => {
    const { stdout, stderr } = failed as { readonly stdout: string; readonly stderr: string };
    return { stdout, stderr };
  });
  const lines = stdout.split("\n").filter((line) => line !== "");
  return { said: lines.map((line): unknown => JSON.parse(line)), stderr: stderr.trim() };
}

describe("a client in Python, made from the specification", () => {
  test.each([
    ["nothing", "", null],
    ["token", TOKEN, "cem"],
    ["api-key", API_KEY, "bob"],
    ["key-pair", encodeHex(ANN.secretKey), "ann"],
    ["first-contact", encodeHex(ANN.secretKey), "ann"],
    ["secret", encodeHex(SECRET), "dora"],
  ])("greets, calls, streams and listens with %s", async (way, credential, user) => {
    const { said, stderr } = await python(way, credential);
    expect(stderr).toBe("");
    expect(said).toEqual([
      "interop",
      user,
      5,
      { error: "NOT_FOUND" },
      { items: 5_000, sum: 12_497_500 },
      { sum: 4_498_500, meta: { by: "python" } },
      50_000,
      20_000,
      { heard: { by: "python" } },
      true,
      "pong",
    ]);
  });

  test("is refused with a wrong token, a wrong secret and a wrong server key", async () => {
    expect(await python("token", "guessed")).toEqual({
      said: [],
      stderr: "refused: UNAUTHENTICATED",
    });
    const wrong = encodeHex(fixedKeys("wrong").secretKey);
    expect((await python("secret", wrong)).stderr).toContain("alert: UNAUTHENTICATED");
    const other = await python("nothing", "", fixedKeys("other").publicKey);
    expect(other.stderr).toContain("alert: HANDSHAKE_FAILED");
  });

  test("writes and understands every recorded exchange, byte for byte", async () => {
    const { stdout } = await run([here("vectors.py"), here("../../vectors/native")]);
    expect(stdout.match(/messages/g)).toHaveLength(5);
  });
});

async function* count(to: number): AsyncGenerator<number> {
  for (let i = 0; i < to; i++) yield i;
}

function lengthOf(bytes: Uint8Array): number {
  return bytes.length;
}
