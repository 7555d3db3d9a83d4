import { passwords } from "../../src/auth/passwords.ts";
import { join } from "../../src/bytes/join.ts";
import { Client } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { plainMsgpack } from "../../src/codecs/plain-msgpack.ts";
import type { Platform } from "../../src/core/contracts/platform.ts";
import type { Channel, Transport } from "../../src/core/contracts/transport.ts";
import {
  type CorrelationId,
  FRAME_TYPES,
  formatFrame,
  parseFrame,
} from "../../src/dialects/netconduit/frame.ts";
import { netconduitFraming } from "../../src/dialects/netconduit/framing.ts";
import { netconduit } from "../../src/dialects/netconduit/index.ts";
import type { NetconduitOptions } from "../../src/dialects/netconduit/options.ts";
import { netconduitSettings } from "../../src/dialects/netconduit/options.ts";
import { unpackFrame } from "../../src/dialects/netconduit/payload.ts";
import { NODE_PLATFORM } from "../../src/presets/platform.node.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { Server } from "../../src/server/server.ts";
import { memory } from "../../src/transports/memory/memory.ts";

/** What stands in every frame of these tests. */
export const NOW = 1_700_000_000_000;
/** The password of the recording, and its hash. */
export const PASSWORD = "vector-password-é";
export const HASH = "0f8d3baf14c258cf55a12bba023f9d1a39f253a2574e85bd93e7f0aa8be55e61";

/** A frame as tests look at it; `value` is undefined without a payload. */
export interface Seen {
  readonly type: number;
  readonly flags: number;
  readonly id: CorrelationId;
  readonly value: unknown;
}

const SETTINGS = netconduitSettings({});
const codec = plainMsgpack();

/** A frame of these tests; without a value its payload is empty. */
export function frameOf(type: number, value?: unknown, id: CorrelationId = 0): Uint8Array {
  const payload = value === undefined ? new Uint8Array() : codec.encode(value);
  return formatFrame({ type, flags: 0, id, payload }, NOW);
}

/** The login of the recording. */
export const LOGIN: Uint8Array = frameOf(FRAME_TYPES.authRequest, {
  password_hash: HASH,
  client_info: { name: "raw", version: "0" },
});

/** A request. */
export function requestOf(id: CorrelationId, method: string, params: unknown = {}): Uint8Array {
  return frameOf(FRAME_TYPES.rpcRequest, { method, params }, id);
}

/** The far end of a channel, spoken frame by frame. */
export class RawPeer {
  readonly #channel: Channel;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #framing = netconduitFraming({ maxFrameBytes: 2 ** 30 });
  readonly #frames: Uint8Array[] = [];

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#chunks = channel[Symbol.asyncIterator]();
  }

  /** All in one chunk. */
  send(...frames: readonly Uint8Array[]): void {
    void this.#channel.write([join(frames)]);
  }

  /** The bytes of the next frame; undefined when the other side has closed. */
  async frame(): Promise<Uint8Array | undefined> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame) return frame;
      const next = await this.#chunks.next().catch(() => ({ done: true }) as const);
      if (next.done) return undefined;
      this.#frames.push(...this.#framing.push(next.value));
    }
  }

  /** The next frame; undefined when the other side has closed. */
  async next(): Promise<Seen | undefined> {
    const bytes = await this.frame();
    if (!bytes) return undefined;
    const frame = parseFrame(bytes);
    const { type, flags, id } = frame;
    return { type, flags, id, value: unpackFrame(frame, SETTINGS).value };
  }

  /** Logs in with the password of the recording. */
  async logIn(): Promise<Seen | undefined> {
    this.send(LOGIN);
    return this.next();
  }

  async close(): Promise<void> {
    await this.#channel.close();
  }
}

/** A server of ours, and raw peers that come to it. */
export interface RawServer {
  readonly server: Server;
  connect(): Promise<RawPeer>;
  close(): Promise<void>;
}

/** How the server is made. */
export interface RawServerOptions {
  readonly register?: (server: Server) => void;
  readonly dialect?: NetconduitOptions;
  readonly server?: ServerOptions;
  readonly platform?: Platform;
}

/** Listens in memory, with the password of the recording. */
export async function rawServer(options: RawServerOptions = {}): Promise<RawServer> {
  const { platform = NODE_PLATFORM } = options;
  const transport = memory({ boundaries: "lost" });
  const dialect = netconduit({ now: () => NOW, quietMs: 0, ...options.dialect });
  const schemes = { memory: { transport, dialect } };
  const given = {
    authenticator: passwords(PASSWORD),
    plaintext: "allow",
    ...options.server,
  } as const;
  const server = new Server(given, { platform, schemes, fingerprint: async () => "" });
  options.register?.(server);
  const { address } = await server.listen("memory://server");
  const { signal } = new AbortController();
  return {
    server,
    connect: async () => new RawPeer(await transport.connect(address, { signal })),
    close: () => server.close({ drainMs: 0 }),
  };
}

/** A client of ours, and the raw peers to which it comes. */
export interface RawClient {
  readonly client: Client;
  /** The next connection of the client. */
  accept(): Promise<RawPeer>;
  close(): Promise<void>;
}

/** Listens in memory, raw, for a client of ours that has not been opened yet. */
export async function rawClient(
  options: ClientOptions = {},
  dialect: NetconduitOptions = {},
): Promise<RawClient> {
  const transport: Transport = memory({ boundaries: "lost" });
  const listener = await transport.listen(new URL("memory://server"));
  const channels = listener[Symbol.asyncIterator]();
  const schemes = { memory: { transport, dialect: netconduit({ now: () => NOW, ...dialect }) } };
  const credentials = { scheme: "password", password: PASSWORD } as const;
  const surroundings = { platform: NODE_PLATFORM, schemes };
  const client = new Client(listener.address, { credentials, ...options }, surroundings);
  return {
    client,
    async accept() {
      const { value } = await channels.next();
      return new RawPeer(value);
    },
    async close() {
      await client.close();
      await listener.close();
    },
  };
}

/** Says yes to a login, as a server of the original does. */
export const WELCOME: Uint8Array = frameOf(FRAME_TYPES.authSuccess, {
  session_token: "ab".repeat(64),
  server_info: { name: "fake", version: "1" },
});
