import { afterEach, describe, expect, test } from "vitest";
import type { Channel } from "../../../src/core/contracts/transport.ts";
import { CLIENT, fixedKeys, inPython, OurEnds, SERVER } from "./ends.ts";
import { Pythons } from "./python.ts";

const pythons = new Pythons();
const ours = new OurEnds();

afterEach(async () => {
  pythons.endAll();
  await ours.closeAll();
});

const ANYWHERE = "tcp://127.0.0.1:*";
const MEBIBYTE = 1_048_576;
/** As a server libzmq wants its own pair; the key of the server is its own public one. */
const KEYS = inPython(SERVER.publicKey, SERVER);
const CURVE = { curve: { serverKey: SERVER.publicKey, secretKey: CLIENT.secretKey } };

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: Uint8Array | undefined) => new TextDecoder().decode(body);

describe.each([
  ["NULL", {}, []],
  ["CURVE", CURVE, KEYS],
] as const)("servers of libzmq with %s", (_mechanism, options, keys) => {
  const serve = (way: string, kind: string) =>
    pythons.start("server.py", [way, kind, ANYWHERE, ...keys]);

  test.each(["ROUTER", "REP"])("%s answers bodies of every size", async (kind) => {
    const server = serve("echo", kind);
    const channel = await ours.connect(await server.said(), options);
    const bodies = channel[Symbol.asyncIterator]();
    for (const size of [0, 1, 255, 256, 70_000, MEBIBYTE]) {
      const body = new Uint8Array(size).fill(size % 251);
      channel.write([body]);
      const { value } = await bodies.next();
      expect(Buffer.compare(value ?? bytes("nothing"), body)).toBe(0);
    }
  });

  test("ROUTER takes hundreds at once and answers in order", async () => {
    const server = serve("echo", "ROUTER");
    const channel = await ours.connect(await server.said(), options);
    const sent = Array.from({ length: 500 }, (_, i) => `request ${i}`);
    channel.write(sent.map(bytes));
    expect(await read(channel, 500)).toEqual(sent);
  });

  test("ROUTER that answers in another shape gives an empty chunk, and the next one", async () => {
    const server = serve("echo", "ROUTER");
    const channel = await ours.connect(await server.said(), options);
    channel.write(["only a body", "three parts", "full delimiter", "plain"].map(bytes));
    expect(await read(channel, 4)).toEqual(["", "", "kept", "plain"]);
  });

  test("that read late make us wait, and then get everything", async () => {
    const server = serve("reads_late", "ROUTER");
    const channel = await ours.connect(await server.said(), options);
    const chunk = new Uint8Array(MEBIBYTE);
    let written = 0;
    let room: Promise<void> | undefined;
    for (; room === undefined && written < 64; written++) room = channel.write([chunk]);
    expect(room).toBeDefined();
    server.tell("64");
    for (await room; written < 64; written++) await channel.write([chunk]);
    expect(await read(channel, 1)).toEqual([String(MEBIBYTE)]);
  });

  test.each([
    ["does not ask", false],
    ["asks too", 200],
  ] as const)(
    "that ask for signs of life get them from a client that %s",
    async (_, heartbeatMs) => {
      const server = serve("beats", "ROUTER");
      const channel = await ours.connect(await server.said(), { ...options, heartbeatMs });
      channel.write([bytes("before")]);
      expect(await server.said()).toBe(null);
      channel.write([bytes("after")]);
      expect(await read(channel, 2)).toEqual(["before", "after"]);
    },
  );

  test("that are killed end the channel, and can be connected to again", async () => {
    const server = serve("echo", "ROUTER");
    const endpoint = String(await server.said());
    const channel = await ours.connect(endpoint, options);
    const end = channel[Symbol.asyncIterator]()
      .next()
      .catch((error: unknown) => error);
    server.signal("SIGKILL");
    const outcome = await end;
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "UNAVAILABLE" });
    else expect(outcome).toMatchObject({ done: true });
    const again = pythons.start("server.py", ["echo", "ROUTER", endpoint, ...keys]);
    const next = await ours.connect(await again.said(), options);
    next.write([bytes("hello again")]);
    expect(await read(next, 1)).toEqual(["hello again"]);
  });
});

test("a server that falls silent is given up with UNAVAILABLE", async () => {
  const server = pythons.start("server.py", ["reads_late", "ROUTER", ANYWHERE]);
  const channel = await ours.connect(await server.said(), { heartbeatMs: 50 });
  server.signal("SIGSTOP");
  await expect(channel[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: "UNAVAILABLE",
  });
});

describe("we do not speak with a server", () => {
  const wrong = fixedKeys(3);

  test.each([
    ["without CURVE when it is wanted", "ROUTER", [], CURVE],
    ["with CURVE when it is not wanted", "ROUTER", KEYS, {}],
    [
      "that has another key",
      "ROUTER",
      KEYS,
      { curve: { ...CURVE.curve, serverKey: wrong.publicKey } },
    ],
    ["that publishes", "PUB", [], {}],
  ] as const)("%s", async (_which, kind, keys, options) => {
    const server = pythons.start("server.py", ["reads_late", kind, ANYWHERE, ...keys]);
    await expect(ours.connect(await server.said(), options)).rejects.toMatchObject({
      code: "HANDSHAKE_FAILED",
    });
  });
});

async function read(channel: Channel, count: number): Promise<string[]> {
  const bodies = channel[Symbol.asyncIterator]();
  const all: string[] = [];
  while (all.length < count) all.push(text((await bodies.next()).value));
  return all;
}
