import { afterEach } from "vitest";
import type { Client } from "../../src/client/client.ts";
import { connectTo } from "../../src/client/connect.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import type { Clock } from "../../src/core/contracts/clock.ts";
import type { Channel, Listener, Transport } from "../../src/core/contracts/transport.ts";
import type { Connection } from "../../src/core/engine/connection.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { Server } from "../../src/server/server.ts";
import { memory } from "../../src/transports/memory/memory.ts";
import { type LinesOptions, lines } from "./lines-dialect.ts";
import { type TappedTransport, tapped } from "./tapped.ts";
import { type LogLine, logInto, platformWith, REAL_CLOCK } from "./world.ts";

/** One server that speaks lines, clients for it, and peers that keep no rules. */
export interface PlainWorld {
  readonly server: Server;
  readonly transport: TappedTransport;
  /** Every line of the server's log. */
  readonly log: readonly LogLine[];
  connect(options?: ClientOptions): Promise<Client>;
  /** A peer that says whatever it is told. */
  speak(): Promise<Speaker>;
  /** The server's end of the latest connection. */
  latest(): Connection;
  close(): Promise<void>;
}

/** A peer made by hand. */
export interface Speaker {
  /** One frame each, at once. */
  say(...texts: readonly object[]): void;
  /** Garbage, as one frame. */
  sayText(text: string): void;
  /** The next frame; `undefined` at the end. */
  hear(): Promise<unknown>;
  hearSome(count: number): Promise<readonly unknown[]>;
  /** Says that it will say nothing more, and goes on listening. */
  endSide(): void;
  close(): void;
}

/** What may be different. */
export interface PlainOptions extends ServerOptions {
  readonly wire?: LinesOptions;
  readonly clock?: Clock;
}

/** Makes worlds that are closed when the test that asked for them has ended. */
export function plainWorldsOfTest(): (options?: PlainOptions) => Promise<PlainWorld> {
  const worlds: PlainWorld[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });
  return async (options) => {
    const world = await makePlainWorld(options);
    worlds.push(world);
    return world;
  };
}

/** On loopback, since nothing here is encrypted. */
const ADDRESS = "memory://localhost";

export async function makePlainWorld(options: PlainOptions = {}): Promise<PlainWorld> {
  const { wire = {}, clock = REAL_CLOCK, ...rest } = options;
  const transport = tapped(halfClosing(memory({ boundaries: "kept" })));
  const schemes = { memory: { transport, dialect: lines(wire) } };
  const platform = platformWith(clock);
  const log: LogLine[] = [];
  const surroundings = { platform, schemes, fingerprint: async () => "none" };
  const server = new Server({ logger: logInto(log), ...rest }, surroundings);
  await server.listen(ADDRESS);
  const closers: (() => unknown)[] = [];
  return {
    ...{ server, transport, log },
    async connect(given = {}) {
      const client = await connectTo(ADDRESS, { reconnect: false, ...given }, surroundings);
      closers.push(() => client.close());
      return client;
    },
    async speak() {
      const { signal } = new AbortController();
      const speaker = speaking(await transport.connect(new URL(ADDRESS), { signal }));
      closers.push(() => speaker.close());
      return speaker;
    },
    latest() {
      const latest = [...server.connections.values()].at(-1);
      if (latest) return latest;
      throw new Error("nobody is connected");
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
      await server.close({ drainMs: 0 });
    },
  };
}

/** The byte with which the side that connected ends its half of the path, as a FIN does. */
const END_OF_SIDE = "\u0004";

function halfClosing(inner: Transport): Transport {
  return {
    scheme: inner.scheme,
    connect: (address, options) => inner.connect(address, options),
    async listen(address) {
      const listener = await inner.listen(address);
      return {
        address: listener.address,
        close: () => listener.close(),
        async *[Symbol.asyncIterator]() {
          for await (const channel of listener) yield withHalves(channel);
        },
      } satisfies Listener;
    },
  };
}

function withHalves(channel: Channel): Channel {
  const chunks = channel[Symbol.asyncIterator]();
  return {
    boundaries: channel.boundaries,
    remote: channel.remote,
    write: (written, release) => channel.write(written, release),
    close: (reason) => channel.close(reason),
    [Symbol.asyncIterator]: () => ({
      async next() {
        const result = await chunks.next();
        const ended = !result.done && new TextDecoder().decode(result.value) === END_OF_SIDE;
        return ended ? { done: true, value: undefined } : result;
      },
    }),
  };
}

function speaking(channel: Channel): Speaker {
  const chunks = channel[Symbol.asyncIterator]();
  const sayText = (text: string) => void channel.write([new TextEncoder().encode(text)]);
  const hear = async (): Promise<unknown> => {
    const { done, value } = await chunks.next();
    return done ? undefined : JSON.parse(new TextDecoder().decode(value));
  };
  return {
    sayText,
    hear,
    say: (...texts) => {
      for (const text of texts) sayText(JSON.stringify(text));
    },
    async hearSome(count) {
      const heard: unknown[] = [];
      while (heard.length < count) heard.push(await hear());
      return heard;
    },
    endSide: () => sayText(END_OF_SIDE),
    close: () => void channel.close(),
  };
}
