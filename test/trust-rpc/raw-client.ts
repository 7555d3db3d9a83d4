import { createHash } from "node:crypto";
import { passwords } from "../../src/auth/passwords.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/bytes/text.ts";
import type { Channel, Transport } from "../../src/core/contracts/transport.ts";
import { type TrustRpcOptions, trustRpc } from "../../src/dialects/trust-rpc/index.ts";
import { lengthPrefix } from "../../src/framing/length-prefix.ts";
import { NODE_PLATFORM } from "../../src/presets/platform.node.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { Server } from "../../src/server/server.ts";
import { memory } from "../../src/transports/memory/memory.ts";
import { originalProcedures } from "./procedures.ts";

/** The secret of the recordings. */
export const TRUST_ID = "vector-trust-id-é";

/** A server in memory that speaks trusted sockets and nothing else. */
export interface TrustServer extends AsyncDisposable {
  readonly server: Server;
  readonly transport: Transport;
  /** One more client that has not said anything. */
  open(): Promise<RawClient>;
  /** One more client that has proven itself. */
  enter(): Promise<RawClient>;
}

/** A client that writes what it is told, byte for byte. */
export interface RawClient {
  readonly channel: Channel;
  /** Bytes as they are; each argument is one chunk. */
  write(...chunks: readonly Uint8Array[]): void;
  /** A frame for each text. */
  say(...texts: readonly string[]): void;
  /** The next frame; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** The next frame as text. */
  hear(): Promise<string | undefined>;
  close(): void;
}

export async function trustServer(
  options: TrustRpcOptions & { readonly server?: ServerOptions } = {},
  register: (server: Server) => void = originalProcedures,
): Promise<TrustServer> {
  const { server: serverOptions, ...own } = options;
  const transport = memory();
  const schemes = { memory: { transport, dialect: trustRpc(own) } };
  const authenticator = passwords(TRUST_ID);
  const given = { authenticator, plaintext: "allow", ...serverOptions } as const;
  const server = new Server(given, {
    platform: NODE_PLATFORM,
    schemes,
    fingerprint: async () => "",
  });
  register(server);
  await server.listen("memory://trusted");
  const { signal } = new AbortController();
  const open = async () =>
    rawClient(await transport.connect(new URL("memory://trusted"), { signal }));
  const enter = async () => {
    const client = await open();
    const challenge = (await client.read()) ?? new Uint8Array();
    client.write(framed(digestOf(challenge)));
    if ((await client.hear()) !== "OK") throw new Error("not let in");
    return client;
  };
  const close = () => server.close({ drainMs: 0 });
  return { server, transport, open, enter, [Symbol.asyncDispose]: close };
}

/** What a client answers to a challenge, made by another implementation than ours. */
export function digestOf(challenge: Uint8Array, secret: string = TRUST_ID): Uint8Array {
  const hash = createHash("sha256").update(challenge).update(secret, "utf8");
  return new Uint8Array(hash.digest());
}

/** A frame with its length before it. */
export function framed(payload: Uint8Array | string): Uint8Array {
  const bytes = typeof payload === "string" ? encodeUtf8(payload) : payload;
  const [header = new Uint8Array(), body = bytes] = FRAMING.wrap(bytes);
  return Uint8Array.of(...header, ...body);
}

const FRAMING = lengthPrefix({ maxFrameBytes: 2 ** 24 });

function rawClient(channel: Channel): RawClient {
  const framing = lengthPrefix({ maxFrameBytes: 2 ** 24 });
  const chunks = channel[Symbol.asyncIterator]();
  const frames: Uint8Array[] = [];
  const read = async (): Promise<Uint8Array | undefined> => {
    while (frames.length === 0) {
      const { done, value } = await chunks.next();
      if (done) return undefined;
      frames.push(...framing.push(value));
    }
    return frames.shift();
  };
  return {
    channel,
    write: (...bytes) => void channel.write(bytes),
    say: (...texts) => void channel.write(texts.map(framed)),
    read,
    async hear() {
      const frame = await read();
      return frame && decodeUtf8(frame);
    },
    close: () => void channel.close(),
  };
}
