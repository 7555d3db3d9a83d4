import { piscina } from "../adapters/piscina/piscina.ts";
import { anyNode } from "../client/any-node.ts";
import type { Client } from "../client/client.ts";
import { connectTo } from "../client/connect.ts";
import type { ClientPool } from "../client/pool.ts";
import type { LoadableSchemes, Schemes } from "../core/contracts/platform.ts";
import { callLog, logsCalls } from "../core/engine/call-log.ts";
import { invalidOption } from "../core/engine/check-options.ts";
import { guardedLogger } from "../core/engine/guarded-logger.ts";
import { formatPublicKey } from "../crypto/format-keys.ts";
import { nodeCrypto } from "../crypto/providers/best.node.ts";
import {
  type NativeDialect,
  type NativeOptions as NativeOptionsOn,
  native as nativeOn,
} from "../dialects/native/index.ts";
import { describe } from "../features/describe/describe.ts";
import {
  type SharedState,
  type SharedStateClient,
  type SharedStateOptions,
  sharedState,
  sharedStateClient,
} from "../features/shared-state/index.ts";
import type { ServerOptions } from "../server/options.ts";
import { Server } from "../server/server.ts";
import { type ClientTlsOptions, clientTls } from "./client-tls.node.ts";
import { readOptions, type WrittenClientOptions } from "./keys-in-options.ts";
import { knownServersFor } from "./known-servers.node.ts";
import { readPins } from "./pins.ts";
import { NODE_PLATFORM } from "./platform.node.ts";
import { openPool, type PoolAddress, type PoolOptionsOver } from "./pool.ts";
import type { PythonWireOptions } from "./python-wires.ts";
import { nodeSchemes, withLoaded } from "./schemes.node.ts";

export * from "../auth/index.ts";
export {
  addKey,
  addKeyRecord,
  type LoadKeysOptions,
  listKeys,
  loadKeys,
  revokeKey,
} from "../auth/key-file.node.ts";
export { sealwireHome } from "../client/home.node.ts";
export type { KnownServersFile, KnownServersOptions } from "../client/known-servers.node.ts";
export type { Authenticator } from "../core/contracts/authenticator.ts";
export type { Layer } from "../core/contracts/layer.ts";
export type { KeyPair } from "../crypto/keys.ts";
export type { SharedState, SharedStateClient } from "../features/shared-state/index.ts";
export type { PeerHandle, PeerOptions } from "../peers/peer.ts";
export type { OnStatus, PeerStatus } from "../peers/status.ts";
export type { BroadcastOptions, EventOptions, EventReceiver } from "../server/events.ts";
export type { ConnectHook, DisconnectHook } from "../server/hooks.ts";
export type { Listening } from "../server/listeners.ts";
export type {
  ListenOptions,
  ServerConfig,
  ServerOptions,
  SlowConsumer,
} from "../server/options.ts";
export { Server } from "../server/server.ts";
export { generateKeys, readKeys, type WrittenKeys } from "./keys.node.ts";
export { knownServers } from "./known-servers.node.ts";
export {
  createPeer,
  type PeerServer,
  type PeerServerOptions,
  servePeers,
} from "./peers.node.ts";
export type { PythonWireOptions } from "./python-wires.ts";
export * from "./shared.ts";

/** Options of the native dialect; the cryptography is the fastest that loads here. */
export type NativeOptions = Partial<NativeOptionsOn>;

/** Sealwire's own language, with the fastest cryptography that loads: sodium-native or Node's. */
export function native(options: NativeOptions = {}): NativeDialect {
  return nativeOn({ crypto: nodeCrypto, ...options });
}

/** What `createServer` takes beside the options of every server. */
export interface NodeServerOptions extends ServerOptions, PythonWireOptions {
  /** How the native dialect is spoken on `tcp://`, `tls://`, `ws://` and `wss://`. */
  readonly native?: NativeOptions;
  /** More URL schemes, or others for the same names. */
  readonly schemes?: Schemes;
  /**
   * Certificate and key in PEM, for `tls://`, `wss://` and the wires inside them. With `clientCa`
   * clients have to show a certificate that one of these has signed.
   */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
  /**
   * Origins (`https://app.example.org`) beside the server's own whose pages may connect by WebSocket,
   * in whatever language; `"any"` lets every page in the world try.
   *
   * @default []
   */
  readonly allowedOrigins?: readonly string[] | "any";
  /**
   * Threads for procedures that name a `worker`; they start with the first call of one and need
   * the package piscina. Instead of an `executor`. @default 4
   */
  readonly workers?: number;
  /** Where shared variables are kept, and what holds for them. @default in memory, without rules */
  readonly state?: SharedStateOptions;
}

/**
 * A server with the platform and the schemes of Node.
 *
 * @throws `INVALID_ARGUMENT`, naming the option, when one makes no sense
 */
export function createServer(options: NodeServerOptions = {}): NodeServer {
  const { native: nativeOptions, schemes, tls: _certificate, workers: threads, ...more } = options;
  const { state: _state, ...rest } = more;
  const executor = rest.executor ?? piscina(threads === undefined ? {} : { threads });
  const dialect = native(nativeOptions);
  const surroundings = {
    platform: NODE_PLATFORM,
    schemes: { ...nodeSchemes(dialect, options), ...schemes },
    fingerprint: async () => formatPublicKey((await dialect.identity()).publicKey),
  };
  const server = new Server({ ...rest, executor }, surroundings);
  if (executor !== rest.executor) server.onShutdown(() => executor.close());
  server.install(describe());
  const shared = server.install(sharedState({ ...loggerOf(options), ...options.state }));
  return Object.assign(server, { shared });
}

function loggerOf({ logger }: NodeServerOptions): Pick<SharedStateOptions, "logger"> {
  return logger ? { logger: guardedLogger(logger) } : {};
}

/** A server with the variables that it shares with its clients. */
export type NodeServer = Server & { readonly shared: SharedState };

/** What `connect` takes beside the options of every client. */
export interface NodeClientOptions
  extends WrittenClientOptions,
    PythonWireOptions,
    ClientTlsOptions {
  /** How the native dialect is spoken. */
  readonly native?: NativeOptions;
  /** More URL schemes, or others for the same names. */
  readonly schemes?: Schemes;
  /**
   * Remembers the key of a server at first sight, in the file of known servers; without, only on
   * loopback. Pins and `knownServers` of your own take the place of the file.
   *
   * @default false
   */
  readonly acceptNew?: boolean;
  /**
   * Other nodes of the same cluster, tried in turn when the one that was reached does not answer any
   * more. They have the same key or another of the pins, and the scheme of the address.
   */
  readonly otherNodes?: readonly (string | URL)[];
}

/**
 * Connects to a server.
 *
 * @throws `UNAVAILABLE` when nobody answers, `HANDSHAKE_FAILED` when the server is not the one it
 * should be, `UNAUTHENTICATED` when the credentials are refused, `INVALID_ARGUMENT` for an address
 * or a key that cannot be used
 */
export async function connect(
  address: string | URL,
  options: NodeClientOptions = {},
): Promise<NodeClient> {
  const { native: nativeOptions, schemes, acceptNew, tlsCa, tlsCert, tlsKey, ...given } = options;
  const written = { ...given, ...(given.pin !== undefined && { pin: readPins(given.pin) }) };
  const rest = { ...knownServersFor(written, acceptNew), ...written };
  const transports = { ...written, tls: clientTls(options) };
  const known = { ...nodeSchemes(native(nativeOptions), transports), ...schemes };
  const schemesHere = await withLoaded(address, known);
  const read = { ...readOptions(rest), ...whicheverNode(address, options, schemesHere) };
  const surroundings = { platform: NODE_PLATFORM, schemes: schemesHere };
  const client = await connectTo(address, read, surroundings);
  if (rest.logger && logsCalls(rest.logger)) client.use(callLog(guardedLogger(rest.logger)));
  return withShared(client);
}

function whicheverNode(
  address: string | URL,
  { otherNodes = [], transport: given }: NodeClientOptions,
  schemes: LoadableSchemes,
): Pick<NodeClientOptions, "transport"> {
  if (otherNodes.length === 0 || !URL.canParse(String(address))) return {};
  const transport = given ?? schemes[new URL(address).protocol.slice(0, -1)]?.transport;
  if (!transport) return {};
  const others = otherNodes.map((each) => {
    if (URL.canParse(String(each))) return new URL(each);
    throw invalidOption("otherNodes", "no address", "addresses such as tcp://127.0.0.1:7000");
  });
  return { transport: anyNode(transport, others, NODE_PLATFORM.clock) };
}

/** A client with the variables of its server. */
export type NodeClient = Client & { readonly shared: SharedStateClient };

/** Only who looks at the variables is told of their changes. */
function withShared(client: Client): NodeClient {
  let installed: SharedStateClient | undefined;
  const shared = {
    get shared(): SharedStateClient {
      installed ??= client.install(sharedStateClient());
      return installed;
    },
  };
  return Object.defineProperties(client, Object.getOwnPropertyDescriptors(shared)) as NodeClient;
}

/**
 * Connects to several servers that answer alike: a call goes to one of them, and past those that
 * are broken. Resolves when one of them is there.
 *
 * @throws as `connect` when none of them can be reached
 */
export function connectPool(
  addresses: readonly PoolAddress[],
  options: PoolOptionsOver<NodeClientOptions> = {},
): Promise<ClientPool> {
  return openPool(addresses, options, connect, NODE_PLATFORM.clock);
}
