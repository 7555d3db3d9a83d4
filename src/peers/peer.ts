import { encodeHex } from "../bytes/text.ts";
import type { Client } from "../client/client.ts";
import { connectTo } from "../client/connect.ts";
import type { ClientOptions } from "../client/options.ts";
import type { Dialect } from "../core/contracts/dialect.ts";
import type { Platform } from "../core/contracts/platform.ts";
import type { Transport } from "../core/contracts/transport.ts";
import { checkWhole } from "../core/engine/check-options.ts";
import type { Listening } from "../server/listeners.ts";
import type { Server } from "../server/server.ts";
import { pairingKeys } from "./pairing-keys.ts";
import { peerTransport } from "./peer-transport.ts";
import { serviceAddress } from "./rendezvous-address.ts";
import type { OnStatus } from "./status.ts";
import type { PeerSurroundings } from "./surroundings.ts";

/** What a peer is told. */
export interface PeerOptions {
  /** Where the peers meet: `udp://host:port`, or `wss://host/` where UDP is of no use. */
  readonly rendezvous: string;
  /** What both sides hold and nobody else, of 128 bits of chance or more. */
  readonly key: string | Uint8Array;
  /** Is told what happens on the way: waiting, established, another path, trouble. */
  readonly onStatus?: OnStatus;
  /** Sessions at once on the side that listens; further offers are dropped. @default 64 */
  readonly maxSessions?: number;
}

/** What the preset adds. */
export interface PeerPlatform extends PeerSurroundings {
  readonly platform: Platform;
  /** Seals what is said between the two; proves the secret. */
  readonly dialect: Dialect;
}

/** A holder of a key, who can call the others and be called by them. */
export interface PeerHandle {
  /**
   * What a server takes as proof, made from the key: give `sharedSecret(peer.secret)` to its
   * authenticator, alone or with others.
   */
  readonly secret: Uint8Array;
  /** For servers and clients that are set up by hand. */
  readonly transport: Transport;
  /** Waits for those who call, and serves them. @throws `UNAVAILABLE` without the rendezvous */
  listen(server: Server): Promise<Listening>;
  /**
   * Calls one of those who listen, and comes back after a break. Waits for somebody as long as
   * `connectTimeoutMs` says.
   *
   * @throws `UNAVAILABLE` when nobody is found, `UNAUTHENTICATED` when the server does not take the
   * secret
   */
  connect(options?: Omit<ClientOptions, "transport" | "dialect">): Promise<Client>;
}

/**
 * A peer: finds those with the same key through a rendezvous, and reaches them directly, or through
 * a relay that reads nothing.
 *
 * @throws `INVALID_ARGUMENT` for an address that cannot be used, and for a key that could be guessed
 */
export function createPeerOn(surroundings: PeerPlatform, options: PeerOptions): PeerHandle {
  const { platform, dialect, crypto } = surroundings;
  const { onStatus = () => {}, maxSessions = 64 } = options;
  checkWhole("maxSessions", maxSessions);
  const keys = pairingKeys(options.key, crypto);
  const address = serviceAddress(options.rendezvous);
  const transport = peerTransport({ surroundings, address, keys, onStatus, maxSessions });
  const url = new URL(`peer://${encodeHex(keys.topic)}`);
  const { secret } = keys;
  return {
    ...{ secret, transport },
    listen: (server) => server.listen(url, { transport, dialects: [dialect] }),
    connect: (wanted = {}) =>
      connectTo(
        url,
        { credentials: { scheme: "secret", secret }, ...wanted, transport, dialect },
        { platform, schemes: {} },
      ),
  };
}
