import { type GreetingDatagram, parseGreeting } from "./greeting-datagrams.ts";
import { isProbe, NOTICE_BYTES } from "./path-size.ts";

/** What a received datagram is by its looks. */
export type DatagramKind =
  | { readonly kind: "greeting"; readonly greeting: GreetingDatagram }
  | { readonly kind: "probe" }
  | { readonly kind: "notice" }
  | { readonly kind: "stun" }
  | { readonly kind: "packet" };

/** Sorts by first byte, length and fixed content; what is left may be a sealed packet. */
export function kindOf(bytes: Uint8Array): DatagramKind {
  if (bytes.length === NOTICE_BYTES) return NOTICE;
  const greeting = parseGreeting(bytes);
  if (greeting !== undefined) return { kind: "greeting", greeting };
  if (isStun(bytes)) return STUN;
  return isProbe(bytes) ? PROBE : PACKET;
}

const NOTICE = { kind: "notice" } as const;
const STUN = { kind: "stun" } as const;
const PROBE = { kind: "probe" } as const;
const PACKET = { kind: "packet" } as const;

/** Two zero bits and the magic cookie: RFC 8489, section 5. */
function isStun(bytes: Uint8Array): boolean {
  if (bytes.length < 20 || ((bytes[0] ?? 0xff) & 0xc0) !== 0) return false;
  return bytes[4] === 0x21 && bytes[5] === 0x12 && bytes[6] === 0xa4 && bytes[7] === 0x42;
}
