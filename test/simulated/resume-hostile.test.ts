import { describe, expect, test } from "vitest";
import { join as joinBytes } from "../../src/bytes/join.ts";
import type { Client } from "../../src/client/client.ts";
import type { Channel } from "../../src/core/contracts/transport.ts";
import { cut, join, returning } from "./returning.ts";
import { ADDRESS, turns, type World } from "./world.ts";

const { begin, pass } = returning();

describe("a channel that asks for the session of somebody else", () => {
  test("with an id that is not known is refused, and counted", async () => {
    const there = await begin();
    const { client } = await join(there);
    const answer = await greet(there, resumeFrame(new Uint8Array(16).fill(7), 48));
    expect(alertIn(answer)).toMatch(/^HANDSHAKE_FAILED this session is not known here/);
    expect(there.server.sessions).toEqual({ away: 0, resumed: 0, refused: 1 });
    await works(client);
  });

  test("with its id and without its secret is refused alike, while it lives and while it waits", async () => {
    const there = await begin();
    const { client, id } = await known(there);
    const path = there.transport.taps.at(-1);
    const unknown = await greet(there, resumeFrame(new Uint8Array(16).fill(7), 48));
    expect(await greet(there, resumeFrame(id, 48))).toEqual(unknown);
    path?.break();
    await turns();
    expect(await greet(there, resumeFrame(id, 48))).toEqual(unknown);
    await pass(200);
    expect(there.server.sessions).toEqual({ away: 0, resumed: 2, refused: 3 });
    await works(client);
  });

  test("by greeting as its owner did once gets an answer it cannot use, and nothing else", async () => {
    const there = await begin();
    const { client, said } = await known(there);
    const channel = await open(there);
    for (const chunk of said) void channel.write([chunk.slice()]);
    await turns(30);
    expect(there.server.connections.get("c1")).toMatchObject({ away: false, remote: "memory:2" });
    expect(there.server.sessions).toMatchObject({ away: 0, resumed: 1, refused: 1 });
    await works(client);
    await channel.close();
  });

  test("and is of any length does no harm", async () => {
    const there = await begin();
    const { client, id } = await known(there);
    for (const length of [0, 1, 31, 47, 49, 4_000]) {
      expect(alertIn(await greet(there, resumeFrame(id, length)))).toMatch(/not known/);
    }
    await works(client);
  });
});

describe("a session over two channels", () => {
  test("belongs to the later one; the earlier says nothing any more", async () => {
    const there = await begin({ heartbeat: false });
    const { client } = await join(there);
    const [first] = there.transport.taps;
    const go = first?.stall();
    for (let i = 0; i < 9; i++) await pass(10_000);
    expect(there.server.connections.get("c1")?.remote).toBe("memory:2");
    // What was on the old path, and anything else, arrives late and is not taken.
    first?.inject(Uint8Array.of(0, 0, 0, 20, ...new Uint8Array(20)));
    go?.();
    await turns();
    await works(client);
  });

  test("leaves the one on which something does not open", async () => {
    const there = await begin();
    const { client, states } = await join(there);
    there.transport.taps.at(-1)?.inject(Uint8Array.of(0, 0, 0, 20, ...new Uint8Array(20)));
    await turns();
    await pass(100);
    expect(states).toEqual(["broken", "connecting", "open recovered"]);
    await works(client);
  });
});

/** Calls still have one effect each, in order. */
async function works(client: Client): Promise<void> {
  expect(await client.call("$ping")).toBe(true);
}

/** A client whose session went on once, its id, and what it wrote for that. */
async function known(there: World) {
  const { client } = await join(there);
  const said: Uint8Array[] = [];
  const connect = there.transport.connect.bind(there.transport);
  there.transport.connect = async (address, options) => {
    const channel = await connect(address, options);
    const write = channel.write.bind(channel);
    channel.write = (chunks, release) => {
      said.push(...chunks.map((chunk) => chunk.slice()));
      return write(chunks, release);
    };
    return channel;
  };
  await cut(there);
  await pass(100);
  there.transport.connect = connect;
  const id = joinBytes(said)
    .subarray(LENGTH_BYTES + PREFACE_BYTES)
    .slice(0, 16);
  return { client, said, id };
}

const LENGTH_BYTES = 4;
const PREFACE_BYTES = 7;

/** A first frame with so many bytes in the place of a Noise message. */
function resumeFrame(id: Uint8Array, length: number): Uint8Array {
  const frame = Uint8Array.of(0x53, 0x45, 0x41, 0x4c, 1, 5, 16, ...id, ...new Uint8Array(length));
  return Uint8Array.of(0, 0, frame.length >> 8, frame.length, ...frame);
}

function open(there: World): Promise<Channel> {
  const signal = new AbortController().signal;
  return there.transport.connect(new URL(ADDRESS), { signal });
}

async function greet(there: World, frame: Uint8Array): Promise<Uint8Array> {
  const channel = await open(there);
  void channel.write([frame]);
  const chunks: Uint8Array[] = [];
  for await (const chunk of channel) chunks.push(chunk);
  await turns();
  return joinBytes(chunks);
}

function alertIn(answer: Uint8Array): string {
  expect(answer[LENGTH_BYTES]).toBe(0);
  return new TextDecoder().decode(answer.subarray(LENGTH_BYTES + 1));
}
