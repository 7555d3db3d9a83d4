import { passwords } from "../../src/auth/passwords.ts";
import type { Channel } from "../../src/core/contracts/transport.ts";
import { type ZmqPasswordOptions, zmqPassword } from "../../src/dialects/zmq-password/index.ts";
import { NODE_PLATFORM } from "../../src/presets/platform.node.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { Server } from "../../src/server/server.ts";
import { memory } from "../../src/transports/memory/memory.ts";

/** The password of the recorded exchanges. */
export const PASSWORD = "s3cret-pässwort";

/** A server of the dialect, and channels to it on which a test says what it likes. */
export interface RawServer {
  readonly server: Server;
  connect(): Promise<RawClient>;
  close(): Promise<void>;
}

/** One connection without a dialect: bodies of messages. */
export interface RawClient {
  send(...bodies: readonly (Uint8Array | string)[]): void;
  /** The next body, as text. */
  answer(): Promise<string>;
  ask(body: Uint8Array | string): Promise<string>;
}

/** @param register what the server offers */
export async function rawServer(
  register: (server: Server) => void,
  options: { readonly dialect?: ZmqPasswordOptions; readonly server?: ServerOptions } = {},
): Promise<RawServer> {
  const transport = memory({ boundaries: "kept" });
  const schemes = { memory: { transport, dialect: zmqPassword(options.dialect) } };
  const given = { authenticator: passwords(PASSWORD), ...options.server };
  const surroundings = { platform: NODE_PLATFORM, schemes, fingerprint: async () => "none" };
  const server = new Server(given, surroundings);
  register(server);
  const { address } = await server.listen("memory://localhost");
  const { signal } = new AbortController();
  return {
    server,
    connect: async () => rawClient(await transport.connect(address, { signal })),
    close: () => server.close({ drainMs: 0 }),
  };
}

function rawClient(channel: Channel): RawClient {
  const chunks = channel[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const send: RawClient["send"] = (...bodies) => {
    channel.write(bodies.map((body) => (typeof body === "string" ? encoder.encode(body) : body)));
  };
  const answer = async () => {
    const { done, value } = await chunks.next();
    if (done) throw new Error("the server closed the connection");
    return new TextDecoder().decode(value);
  };
  const ask = (body: Uint8Array | string) => {
    send(body);
    return answer();
  };
  return { send, answer, ask };
}
