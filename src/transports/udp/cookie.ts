import { createHmac } from "node:crypto";
import { equalBytes } from "../../bytes/equal.ts";
import { join } from "../../bytes/join.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import { Writer } from "../../bytes/writer.ts";
import type { Clock } from "../../core/contracts/clock.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { COOKIE_BYTES } from "./control.ts";

/** How long an address counts as proven. Longer than a slow opening, and no longer. */
export const COOKIE_LIFE_MS = 10_000;

/** Hands out cookies and knows them again, without keeping any: who returns one can be reached. */
export interface Cookies {
  /** For an opening from an address, at this moment. */
  bake(attempt: Uint8Array, from: Endpoint): Uint8Array;
  holds(cookie: Uint8Array, attempt: Uint8Array, from: Endpoint): boolean;
}

/** Cookies under a secret: the time, and a proof over time, opening and address. */
export function cookies(secret: Uint8Array, clock: Clock): Cookies {
  const seconds = () => Math.floor(clock.now() / 1_000) % 2 ** 32;
  return {
    bake: (attempt, from) => cookieOf(secret, seconds(), attempt, from),
    holds(cookie, attempt, from) {
      if (cookie.length !== COOKIE_BYTES) return false;
      const baked = new DataView(cookie.buffer, cookie.byteOffset).getUint32(0);
      const ageMs = (seconds() - baked) * 1_000;
      if (ageMs < 0 || ageMs > COOKIE_LIFE_MS) return false;
      return equalBytes(cookie, cookieOf(secret, baked, attempt, from));
    },
  };
}

function cookieOf(
  secret: Uint8Array,
  seconds: number,
  attempt: Uint8Array,
  { host, port }: Endpoint,
): Uint8Array {
  const time = new Writer({ initialBytes: 4 }).uint32(seconds).finish();
  const place = encodeUtf8(`${host} ${port}`);
  const mac = createHmac("sha256", secret).update(time).update(attempt).update(place).digest();
  return join([time, mac.subarray(0, COOKIE_BYTES - time.length)]);
}
