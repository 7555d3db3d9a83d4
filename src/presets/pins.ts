import { decodeBase64 } from "../bytes/decode-base64.ts";
import { formatPublicKey } from "../crypto/format-keys.ts";

/** Pins as `connect` of every platform reads them; also keys in Base64, as servers of nacl-box show. */
export function readPins(pins: string | readonly string[]): readonly string[] {
  return [pins].flat().map((pin) => (BASE64_KEY.test(pin) ? fromBase64(pin) : pin));
}

/** 32 bytes in standard Base64 with padding. */
const BASE64_KEY = /^[A-Za-z0-9+/]{43}=$/;

function fromBase64(pin: string): string {
  const key = decodeBase64(pin);
  return key ? formatPublicKey(key) : pin;
}
