import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { CLIENT, fixedKeys, inPython, OurEnds, SERVER } from "./ends.ts";
import { Pythons } from "./python.ts";

const pythons = new Pythons();
const ours = new OurEnds();

afterEach(async () => {
  pythons.endAll();
  await ours.closeAll();
});

const CURVE = { curve: { secretKey: SERVER.secretKey } };
const KEYS = inPython(SERVER.publicKey, CLIENT);
const MEBIBYTE = 1_048_576;

const SIZES = [1, 255, 256, 70_000, MEBIBYTE].map((size) => [size, true]);
const SHAPES = [
  ["in order", true],
  [1, "malformed"],
  [3, "malformed"],
  [50, "malformed"],
  [2, "malformed"],
  [2, "kept"],
];

describe.each([
  ["NULL", {}, []],
  ["CURVE", CURVE, KEYS],
] as const)("clients of libzmq with %s", (_mechanism, options, keys) => {
  test.each([
    ["REQ", SIZES],
    ["DEALER", [...SIZES, ...SHAPES]],
  ])("%s calls, in every size and shape, and is answered in order", async (kind, expected) => {
    const { address } = await ours.echo(options);
    const client = pythons.start("client.py", ["calls", kind, address, ...keys]);
    expect(await client.rest()).toEqual(expected);
  });

  test("many at once each get their own answers", async () => {
    const { address } = await ours.echo(options);
    const clients = Array.from({ length: 4 }, () =>
      pythons.start("client.py", ["calls", "DEALER", address, ...keys]).rest(),
    );
    for (const said of await Promise.all(clients)) expect(said).toEqual([...SIZES, ...SHAPES]);
  });

  test("are answered when they ask for signs of life, and stay connected", async () => {
    const { address } = await ours.echo({ ...options, heartbeatMs: false });
    const client = pythons.start("client.py", ["beats", "REQ", address, ...keys]);
    expect(await client.rest()).toEqual([null, "after"]);
  });

  test("answer when we ask for signs of life, and stay connected", async () => {
    const { address } = await ours.echo({ ...options, heartbeatMs: 200 });
    const client = pythons.start("client.py", ["beats", "REQ", address, ...keys]);
    expect(await client.rest()).toEqual([null, "after"]);
  });

  test("that read late make us wait, and then get everything", async () => {
    const arrivals = await ours.listen(options);
    const client = pythons.start("client.py", ["reads_late", "DEALER", arrivals.address, ...keys]);
    const channel = await arrivals.next();
    await channel[Symbol.asyncIterator]().next();
    const chunk = new Uint8Array(MEBIBYTE).fill(5);
    let written = 0;
    let room: Promise<void> | undefined;
    // What the system buffers for a peer that does not read is far below 64 MiB.
    for (; room === undefined && written < 64; written++) room = channel.write([chunk]);
    expect(room).toBeDefined();
    client.tell("64");
    for (await room; written < 64; written++) await channel.write([chunk]);
    const all = createHash("sha256");
    for (let i = 0; i < 64; i++) all.update(chunk);
    expect(await client.said()).toBe(all.digest("hex"));
  });

  test("have to wait when we do not read, and then go on", async () => {
    const arrivals = await ours.listen(options);
    const client = pythons.start("client.py", ["writes_fast", "DEALER", arrivals.address, ...keys]);
    const channel = await arrivals.next();
    expect(await client.said()).toBeLessThan(64);
    const bodies = channel[Symbol.asyncIterator]();
    for (let i = 0; i < 64; i++) {
      const { value } = await bodies.next();
      expect([value?.length, value?.[0], value?.at(-1)]).toEqual([MEBIBYTE, i, i]);
    }
    channel.write([new TextEncoder().encode("all")]);
    expect(await client.said()).toBe("all");
  });

  test("come back by themselves when we listen again", async () => {
    const first = await ours.listen(options);
    const client = pythons.start("client.py", ["comes_back", "DEALER", first.address, ...keys]);
    const channel = await first.next();
    const { value } = await channel[Symbol.asyncIterator]().next();
    channel.write([value]);
    expect(await client.said()).toBe("first");
    await first.listener.close();
    await channel.close();
    expect(await client.said()).toBe("DISCONNECTED");
    await ours.echo(options, Number(first.listener.address.port));
    client.tell("go on");
    expect(await client.said()).toBe("second");
  });

  test("that are killed end their channel, and nobody else's", async () => {
    const arrivals = await ours.listen(options);
    const start = () => pythons.start("client.py", ["stays", "REQ", arrivals.address, ...keys]);
    const one = start();
    const channel = await arrivals.next();
    const bodies = channel[Symbol.asyncIterator]();
    channel.write([(await bodies.next()).value]);
    expect(await one.said()).toBe("here");
    one.signal("SIGKILL");
    const end = await bodies.next().catch((error: unknown) => error);
    if (end instanceof Error) expect(end).toMatchObject({ code: "UNAVAILABLE" });
    else expect(end).toMatchObject({ done: true });
    const other = start();
    const next = await arrivals.next();
    next.write([(await next[Symbol.asyncIterator]().next()).value]);
    expect(await other.said()).toBe("here");
  });
});

test.each([
  ["that do not answer when asked", "stays", 300],
  ["that said they would not be silent for so long", "beats_and_stays", false],
] as const)("clients %s are given up with UNAVAILABLE", async (_who, way, heartbeatMs) => {
  const arrivals = await ours.listen({ heartbeatMs });
  const client = pythons.start("client.py", [way, "REQ", arrivals.address]);
  const channel = await arrivals.next();
  const bodies = channel[Symbol.asyncIterator]();
  channel.write([(await bodies.next()).value]);
  expect(await client.said()).toBe("here");
  client.signal("SIGSTOP");
  await expect(bodies.next()).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

describe("who is not wanted is told or closed, while others are served", () => {
  const wrong = fixedKeys(3);
  const onlyAnn = { curve: { ...CURVE.curve, authorize: isClient } };
  const CLOSED = ["DISCONNECTED", "HANDSHAKE_FAILED_NO_DETAIL", "HANDSHAKE_FAILED_PROTOCOL"];

  test.each([
    ["publisher", "PUB", {}, []],
    ["subscriber", "SUB", {}, []],
    ["server", "REP", {}, []],
    ["pipeline", "PUSH", CURVE, KEYS],
    ["client without keys", "REQ", CURVE, []],
    ["client with keys where none are wanted", "REQ", {}, KEYS],
    ["client that expects another server", "REQ", CURVE, inPython(wrong.publicKey, CLIENT)],
  ] as const)("a %s", async (_who, kind, options, keys) => {
    const { address } = await ours.echo(options);
    const stranger = pythons.start("client.py", ["stranger", kind, address, ...keys]);
    const [event] = (await stranger.said()) as [string];
    expect(CLOSED).toContain(event);
    const wanted = options === CURVE ? KEYS : [];
    const client = pythons.start("client.py", ["calls", "REQ", address, ...wanted]);
    expect(await client.rest()).toEqual(SIZES);
  });

  test("a client whose key is not authorized gets status 400, as from libzmq", async () => {
    const { address } = await ours.echo(onlyAnn);
    const args = ["REQ", address, ...inPython(SERVER.publicKey, wrong)];
    const stranger = pythons.start("client.py", ["stranger", ...args]);
    expect(await stranger.said()).toEqual(["HANDSHAKE_FAILED_AUTH", 400]);
    const client = pythons.start("client.py", ["calls", "REQ", address, ...KEYS]);
    expect(await client.rest()).toEqual(SIZES);
  });
});

test("the channel knows by which key its client has proven itself", async () => {
  const arrivals = await ours.listen(CURVE);
  pythons.start("client.py", ["stays", "REQ", arrivals.address, ...KEYS]);
  const { protection } = await arrivals.next();
  expect(protection).toEqual({ by: "curve", remoteKey: CLIENT.publicKey });
});

function isClient(key: Uint8Array): boolean {
  return Buffer.from(key).equals(CLIENT.publicKey);
}
