import { join } from "../../src/bytes/join.ts";
import { msgpackCodec } from "../../src/codecs/msgpack.ts";
import type { Channel, Transport } from "../../src/core/contracts/transport.ts";
import type { Message } from "../../src/core/model/message.ts";
import { parseBatch } from "../../src/dialects/native/messages.ts";
import { RECORD } from "../../src/dialects/native/record.ts";
import { lengthPrefix } from "../../src/framing/length-prefix.ts";
import { createServer } from "../../src/presets/node.ts";
import type { Server } from "../../src/server/server.ts";
import { memory } from "../../src/transports/memory/index.ts";
import { channelTo, type OpenChannel } from "./channels.ts";
import { dialectOf, everybody } from "./greeting.ts";

const ADDRESS = "memory://target";
const codec = msgpackCodec();

/** A server in memory, and the way to it for those who do not keep to the rules. */
export interface Target extends AsyncDisposable {
  readonly server: Server;
  readonly transport: Transport;
  /** How each connection ended, by the code of its error. */
  readonly endings: readonly string[];
  /** Resolves when the first one has ended. */
  readonly ended: Promise<void>;
  /** A bare path: what is written is up to the test. */
  open(): Promise<RawPath>;
  /** A path whose greeting is over, proven as nobody. */
  enter(): Promise<Intruder>;
}

/** Bytes to a server and frames from it. */
export interface RawPath {
  write(...chunks: readonly Uint8Array[]): void;
  /** The next frame; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
}

/** Says sealed what no honest peer would say. */
export interface Intruder {
  readonly records: OpenChannel["records"];
  /** Seals these bytes as one record and sends it. */
  send(type: number, content: Uint8Array): void;
  /** Sends the values of one batch. */
  say(...values: readonly unknown[]): void;
  write(...chunks: readonly Uint8Array[]): void;
  /** Messages of the server until one of this kind, or the end. */
  hear(kind: Message["kind"]): Promise<Message | undefined>;
}

/** A server with a few procedures, all of them public. */
export async function target(given: { readonly joinAfter?: number } = {}): Promise<Target> {
  const transport = memory();
  const listening = { ...transport, listen: joinedListen(transport, given.joinAfter) };
  const dialect = dialectOf();
  const server = createServer({
    authenticator: await everybody(),
    schemes: { memory: { transport: listening, dialect } },
    heartbeat: false,
  });
  server.expose({ echo: (...args: unknown[]) => args }, { public: true });
  server.procedure("never", { public: true }, () => new Promise(() => {}));
  const endings: string[] = [];
  const ended = new Promise<void>((resolve) => {
    server.onDisconnect((_, reason) => {
      endings.push(reason && "code" in reason ? String(reason.code) : "in order");
      resolve();
    });
  });
  await server.listen(ADDRESS);
  const open = async () => {
    const { signal } = new AbortController();
    return rawPath(await transport.connect(new URL(ADDRESS), { signal }));
  };
  return {
    server,
    transport,
    endings,
    ended,
    open,
    enter: async () => intruder(await open()),
    [Symbol.asyncDispose]: () => server.close({ drainMs: 0 }),
  };
}

/** Holds back the server's writes from the one with this number on, so that two share a chunk. */
function joinedListen(transport: Transport, joinAfter?: number): Transport["listen"] {
  if (joinAfter === undefined) return transport.listen;
  return async (address) => {
    const listener = await transport.listen(address);
    async function* joined(): AsyncGenerator<Channel> {
      for await (const channel of listener) yield joining(channel, joinAfter ?? 0);
    }
    return { ...listener, [Symbol.asyncIterator]: joined };
  };
}

function joining(channel: Channel, joinAfter: number): Channel {
  let writes = 0;
  let held: Uint8Array | undefined;
  return {
    ...{ boundaries: channel.boundaries, remote: channel.remote },
    write(chunks, release) {
      const bytes = join(held ? [held, ...chunks] : chunks);
      held = writes++ === joinAfter ? bytes : undefined;
      return held ? undefined : channel.write([bytes], release);
    },
    close: (reason) => channel.close(reason),
    [Symbol.asyncIterator]: () => channel[Symbol.asyncIterator](),
  };
}

function rawPath(channel: Channel): RawPath {
  const framing = lengthPrefix({ maxFrameBytes: 2 ** 31 });
  const chunks = channel[Symbol.asyncIterator]();
  const frames: Uint8Array[] = [];
  return {
    write: (...given) => void channel.write(given),
    async read() {
      for (;;) {
        const frame = frames.shift();
        if (frame) return frame;
        const { done, value } = await chunks.next().catch(() => ({ done: true, value: undefined }));
        if (done || value === undefined) return undefined;
        frames.push(...framing.push(value));
      }
    },
  };
}

async function intruder(path: RawPath): Promise<Intruder> {
  const framing = lengthPrefix({ maxFrameBytes: 2 ** 31 });
  const writeFrame = (frame: Uint8Array) => path.write(...framing.wrap(frame));
  const { records, say, hear } = await channelTo({
    remote: "memory:target",
    read: async () => (await path.read()) ?? new Uint8Array(0),
    write: async (frame) => writeFrame(frame),
  });
  await say({ maxFrameBytes: 16_777_216, features: [], scheme: "anonymous" });
  await hear();
  const send = (type: number, content: Uint8Array) => writeFrame(records.seal(type, content));
  return {
    records,
    send,
    say: (...values) => send(RECORD.batch, codec.encode(values)),
    write: path.write,
    async hear(kind) {
      for (;;) {
        const frame = await path.read();
        if (!frame) return undefined;
        const batch = parseBatch(codec.decode(records.open(frame).content), undefined);
        const found = batch.find((message) => message.kind === kind);
        if (found) return found;
      }
    },
  };
}
