import { equalBytes } from "../bytes/equal.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import type { Hmac } from "../crypto/derive.ts";
import { randomBytes } from "../crypto/random.ts";
import { endpointKey } from "./endpoint-bytes.ts";
import { TOKEN_BYTES } from "./service-datagram.ts";

/**
 * Proof that somebody receives what is sent to an address, kept by that somebody: the service
 * remembers nothing of those who merely knock.
 */
export interface Cookies {
  make(to: Endpoint): Uint8Array;
  holds(cookie: Uint8Array, from: Endpoint): boolean;
}

/** A cookie holds for one to two of these. */
const WINDOW_MS = 60_000;

/** Cookies under a key of this process. */
export function cookies(crypto: Hmac, now: () => number): Cookies {
  const key = randomBytes(32);
  const made = (endpoint: Endpoint, window: number) =>
    crypto
      .hmacSha256(key, encodeUtf8(`${window}|${endpointKey(endpoint)}`))
      .subarray(0, TOKEN_BYTES);
  const windowNow = () => Math.floor(now() / WINDOW_MS);
  return {
    make: (to) => made(to, windowNow()),
    holds(cookie, from) {
      const window = windowNow();
      return [window, window - 1].some((each) => equalBytes(cookie, made(from, each)));
    },
  };
}
