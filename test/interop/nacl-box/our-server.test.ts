import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SealwireError } from "../../../src/core/model/errors.ts";
import { createServer, type NodeServer } from "../../../src/presets/node.ts";
import { judge } from "../../nacl-box/original-client.ts";
import { pythonPeers } from "../python.ts";

const peers = pythonPeers(import.meta.url);
let server: NodeServer;
let port: string;

beforeAll(async () => {
  server = createServer({
    authenticator: {
      authenticate: async (evidence) => {
        const own = evidence.scheme === "api-key" && /^key-(\d)$/.exec(evidence.key)?.[1];
        return own ? { id: Number(own), scopes: new Set() } : judge(evidence);
      },
    },
  });
  server.expose({ ping: () => "pong" }, { public: true });
  server.expose({ echo: (value: unknown) => value, add, mul, fail });
  server.procedure("whoami", (call) => call.principal?.id);
  ({ port } = (await server.listen("nacl-box+zmq://127.0.0.1:0")).address);
});

afterAll(() => server.close({ drainMs: 0 }));

function add(...given: readonly unknown[]): unknown {
  const [a, b] = given;
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (b === undefined) throw new SealwireError("INVALID_ARGUMENT", "b is missing");
  return `${a}${typeof b === "object" ? Object.values(b ?? {}).join("") : b}`;
}

async function mul(a: number, b: number, seconds: number): Promise<number> {
  await pause(1_000 * seconds);
  return a * b;
}

function fail(text: string): never {
  throw new TypeError(text);
}

const python = (way: string) => peers.client(way, port);

test("a REQ client in Python greets, calls, fails and goes on", async () => {
  expect(await python("session")).toEqual([
    ...[[], "pong", 42, "ab", 1, "ä𝄞\n", Number("9007199254740993"), true],
    { error: "b is missing" },
    { error: "böse" },
    { error: "Funktion nope nicht gefunden" },
    true,
    { status: "error", error: "Expecting value: line 1 column 1 (char 0)" },
    { status: "error", error: expect.stringMatching(/^Expecting value: line 1 column 1/) },
    1,
  ]);
});

test("clients with a wrong key or none may call what is public", async () => {
  const [unknown, wrong] = ["Funktion nope nicht gefunden", "Ungültiger API-Key"];
  const told = ["pong", { error: wrong }, { error: unknown }];
  expect(await python("keys")).toEqual([told, told]);
});

test("eight clients at once with different keys are told apart", async () => {
  expect(await python("crowd")).toEqual([Array(8).fill(true)]);
});

test("four slow calls of 0.5 s from four clients end within 1.5 s", async () => {
  const [said] = await python("slow");
  expect(said).toMatchObject({ results: [0, 2, 4, 6] });
  expect((said as { readonly seconds: number }).seconds).toBeLessThan(1.5);
});

test("a DEALER that does not wait gets its answers in order", async () => {
  expect(await python("pipeline")).toEqual([[6, ...Array.from({ length: 100 }, (_, i) => i)]]);
});

test("an envelope that was recorded is not run again, from wherever it comes", async () => {
  const again = { status: "error", error: expect.stringContaining("was sent before") };
  expect(await python("replay")).toEqual([{ status: "ok", result: 3 }, again, again, 3]);
});

test("messages of other shapes are answered, more of them than workers", async () => {
  expect(await python("shapes")).toEqual([...Array(9).fill("error"), "pong"]);
});

test("shared variables are stored for those who have a key", async () => {
  expect(await python("shared")).toEqual([true, { error: "Ungültiger API-Key" }]);
  expect(server.shared.get("zahl")).toBe(5);
});
