import { Client } from "../client/client.ts";
import type { ClientOptions } from "../client/options.ts";
import type { Dialect } from "../core/contracts/dialect.ts";
import type { Platform } from "../core/contracts/platform.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import type { ServerOptions } from "../server/options.ts";
import { Server } from "../server/server.ts";
import { memory } from "../transports/memory/memory.ts";

/** A server and a client of it in one process, without a network. */
export interface ServerAndClient {
  readonly server: Server;
  readonly client: Client;
  /** Connects one more client. */
  connect(options?: ClientOptions): Promise<Client>;
  /** Closes all of them. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What the pair is made of. */
export interface PairOptions {
  /** What both speak, such as `native()`. If it tells its identity, the clients know its key. */
  readonly dialect: Dialect & { identity?(): Promise<{ readonly publicKey: Uint8Array }> };
  /** Registers what is to be tested. */
  readonly register?: (server: Server) => void;
  /**
   * As whom every client is taken, without a proof; unless `server.authenticator` judges them.
   *
   * @default { id: "tester" }, without scopes
   */
  readonly as?: { readonly id: string | number; readonly scopes?: readonly string[] };
  readonly server?: ServerOptions;
  readonly client?: ClientOptions;
  /** Turns and clock, such as a `manualClock`. @default microtasks and the machine's clock */
  readonly platform?: Platform;
}

/**
 * Tests of applications: the real server, the real client and the real dialect, only the wire lies
 * in memory.
 *
 * @example
 * await using pair = await serverAndClient({ dialect: native(), register });
 * expect(await pair.client.call("add", [2, 3])).toBe(5);
 */
export async function serverAndClient(options: PairOptions): Promise<ServerAndClient> {
  const { dialect, platform = PLATFORM } = options;
  const transport = memory({ boundaries: dialect.framing ? "lost" : "kept" });
  const schemes = { memory: { transport, dialect } };
  const server = serverFor(options, { platform, schemes, fingerprint });
  options.register?.(server);
  const { address } = await server.listen("memory://server");
  const identity = await dialect.identity?.();
  const serverKeys = identity === undefined ? [] : [identity.publicKey];
  const clients: Client[] = [];
  const connect = async (own: ClientOptions = {}): Promise<Client> => {
    const given = { serverKeys, ...options.client, ...own };
    const client = new Client(address, given, { platform, schemes });
    clients.push(client);
    await client.open(given.signal);
    return client;
  };
  const close = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.close()));
    await server.close({ drainMs: 0 });
  };
  try {
    const client = await connect();
    return { server, client, connect, close, [Symbol.asyncDispose]: close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

const PLATFORM: Platform = Object.freeze({
  turn: { endOfTurn: (run: () => void) => queueMicrotask(run) },
  clock: {
    now: Date.now,
    after: (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  },
});

function serverFor(
  { as = { id: "tester" }, server = {} }: PairOptions,
  surroundings: ConstructorParameters<typeof Server>[1],
): Server {
  const principal: Principal = { id: as.id, scopes: new Set(as.scopes) };
  const authenticator = { authenticate: async () => principal };
  return new Server({ authenticator, ...server }, surroundings);
}

async function fingerprint(): Promise<string> {
  const message = "a server in memory has no fingerprint to give away; its clients know its key";
  throw new SealwireError("UNSUPPORTED", message);
}
