import { encodeBase64 } from "../../bytes/encode-base64.ts";
import { join } from "../../bytes/join.ts";
import { decodeBase64 } from "../../bytes/text.ts";
import { P256_POINT_BYTES } from "../../crypto/p256.ts";

/**
 * A public key as it stands on the wire: SubjectPublicKeyInfo (RFC 5480) as PEM, LF between the
 * lines and none at the end, because hashes run over exactly these bytes.
 */
export function formatPublicKey(point: Uint8Array): string {
  const text = encodeBase64(join([SPKI_HEAD, point]));
  return `${BEGIN}\n${text.slice(0, LINE)}\n${text.slice(LINE)}\n${END}`;
}

/** The point of such a text; `undefined` for anything else. Whether it is on the curve is not said. */
export function parsePublicKey(pem: string): Uint8Array | undefined {
  const lines = pem.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (lines.shift() !== BEGIN || lines.pop() !== END) return undefined;
  const der = decodeBase64(lines.join(""));
  if (der?.length !== SPKI_HEAD.length + P256_POINT_BYTES) return undefined;
  if (SPKI_HEAD.some((byte, at) => der[at] !== byte)) return undefined;
  return der.subarray(SPKI_HEAD.length);
}

/** Longer than the text of any key of this curve, whatever ends its lines. */
export const MAX_PEM_BYTES = 256;

const BEGIN = "-----BEGIN PUBLIC KEY-----";
const END = "-----END PUBLIC KEY-----";
const LINE = 64;

/** Sequence, algorithm id-ecPublicKey with curve secp256r1, bit string of 66 bytes. */
const SPKI_HEAD: Uint8Array = Uint8Array.of(
  ...[0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01],
  ...[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00],
);
