import type { Client } from "../client/client.ts";
import { connectTo } from "../client/connect.ts";
import type { ClientPool } from "../client/pool.ts";
import type { Schemes } from "../core/contracts/platform.ts";
import { SealwireError } from "../core/model/errors.ts";
import { webCrypto } from "../crypto/providers/web.ts";
import {
  connectingSide,
  type NativeDialect,
  nativeParts,
} from "../dialects/native/connecting-side.ts";
import type { NativeOptions as NativeOptionsOn } from "../dialects/native/options.ts";
import { secureWebsocket, websocket } from "../transports/websocket/index.browser.ts";
import { readOptions, type WrittenClientOptions } from "./keys-in-options.ts";
import { BROWSER_PLATFORM } from "./platform.browser.ts";
import { openPool, type PoolAddress, type PoolOptionsOver } from "./pool.ts";

export * from "./shared.ts";

/** Options of the native dialect; the cryptography is the browser's, completed by noble's. */
export type NativeOptions = Partial<NativeOptionsOn>;

/**
 * Sealwire's own language. Web Crypto does X25519; where a page has none (without TLS, or in old
 * browsers) a slower implementation is loaded.
 */
export function native(options: NativeOptions = {}): NativeDialect {
  return connectingSide(nativeParts({ crypto: webCrypto(), ...options }));
}

/** What `connect` takes beside the options of every client. */
export interface BrowserClientOptions extends WrittenClientOptions {
  /** How the native dialect is spoken. */
  readonly native?: NativeOptions;
  /** More URL schemes, or others for the same names. */
  readonly schemes?: Schemes;
}

/**
 * Connects to a server by `ws://` or `wss://`. A page remembers no keys of servers, so that it
 * needs the server's fingerprint as `pin`; or `knownServers`, or a shared secret.
 *
 * @throws `UNAVAILABLE` when nobody answers, `HANDSHAKE_FAILED` when the server is not the one it
 * should be, `UNAUTHENTICATED` when the credentials are refused, `INVALID_ARGUMENT` for an address
 * or a key that cannot be used, or without a pin
 */
export async function connect(
  address: string | URL,
  options: BrowserClientOptions = {},
): Promise<Client> {
  const { native: nativeOptions, schemes, ...rest } = options;
  mustKnowServer(rest);
  const dialect = native(nativeOptions);
  const known = {
    ws: { transport: websocket(), dialect },
    wss: { transport: secureWebsocket(), dialect },
    ...schemes,
  };
  return connectTo(address, readOptions(rest), { platform: BROWSER_PLATFORM, schemes: known });
}

/**
 * Connects to several servers that answer alike: a call goes to one of them, and past those that
 * are broken. Resolves when one of them is there.
 *
 * @throws as `connect` when none of them can be reached
 */
export function connectPool(
  addresses: readonly PoolAddress[],
  options: PoolOptionsOver<BrowserClientOptions> = {},
): Promise<ClientPool> {
  return openPool(addresses, options, connect, BROWSER_PLATFORM.clock);
}

/** Told before anything is sent: nobody is there to be asked about an unknown key. */
function mustKnowServer({ pin, knownServers, credentials, dialect }: WrittenClientOptions): void {
  const pinned = pin !== undefined && pin.length > 0;
  if (pinned || knownServers || dialect || credentials?.scheme === "secret") return;
  throw new SealwireError(
    "INVALID_ARGUMENT",
    'the key of the server is unknown: give its fingerprint as pin, "swpub_…"',
  );
}
