import { join } from "../../bytes/join.ts";
import { decodeHex, decodeUtf8, encodeHex, encodeUtf8 } from "../../bytes/text.ts";
import { MAX_PEM_BYTES } from "./public-key.ts";

/** What peers say in clear before they share a key; the first byte is the stage. */
export type GreetingDatagram =
  | { readonly stage: "punch" }
  | { readonly stage: "public-key"; readonly pem: string }
  | { readonly stage: "shared-key"; readonly pem: string; readonly wrapped: Uint8Array }
  | { readonly stage: "proof"; readonly box: Uint8Array };

/** The first datagram: opens the own NAT and asks the other for its key. */
export const PUNCH: Uint8Array = join([Uint8Array.of(0), encodeUtf8("udp hole punchingP-256")]);

/** What the sealed proof says. */
export const PROOF_TEXT: Uint8Array = encodeUtf8("success hand shake");

/** The own key. */
export function formatPublicKeyDatagram(pem: string): Uint8Array {
  return join([Uint8Array.of(1), encodeUtf8(pem)]);
}

/** The own key and the session key, wrapped for the peer. */
export function formatSharedKeyDatagram(pem: string, wrapped: Uint8Array): Uint8Array {
  return join([Uint8Array.of(2), encodeUtf8(pem + SEPARATOR + encodeHex(wrapped))]);
}

/** The proof that the session key was understood. */
export function formatProofDatagram(box: Uint8Array): Uint8Array {
  return join([Uint8Array.of(3), box]);
}

/**
 * The meaning of a datagram; `undefined` for what is none of these in every byte. Packets of a
 * running session begin with random bytes, so nothing is taken for a greeting that only looks so.
 */
export function parseGreeting(bytes: Uint8Array): GreetingDatagram | undefined {
  switch (bytes[0]) {
    case 0:
      return isPunch(bytes) ? { stage: "punch" } : undefined;
    case 1:
      return publicKeyOf(bytes);
    case 2:
      return sharedKeyOf(bytes);
    case 3:
      return bytes.length === PROOF_BYTES ? { stage: "proof", box: bytes.subarray(1) } : undefined;
    default:
      return undefined;
  }
}

const SEPARATOR = "|KEY|";
const WRAPPED_BYTES = 64;
const PROOF_BYTES = 1 + 32 + PROOF_TEXT.length;

function isPunch(bytes: Uint8Array): boolean {
  return bytes.length === PUNCH.length && PUNCH.every((byte, at) => bytes[at] === byte);
}

function publicKeyOf(bytes: Uint8Array): GreetingDatagram | undefined {
  const pem = textAfterStage(bytes, MAX_PEM_BYTES);
  return pem?.startsWith(BEGINNING) ? { stage: "public-key", pem } : undefined;
}

function sharedKeyOf(bytes: Uint8Array): GreetingDatagram | undefined {
  const text = textAfterStage(bytes, MAX_PEM_BYTES + SEPARATOR.length + 2 * WRAPPED_BYTES);
  const at = text?.indexOf(SEPARATOR) ?? -1;
  if (text === undefined || at < 0 || !text.startsWith(BEGINNING)) return undefined;
  const wrapped = decodeHex(text.slice(at + SEPARATOR.length));
  if (wrapped?.length !== WRAPPED_BYTES) return undefined;
  return { stage: "shared-key", pem: text.slice(0, at), wrapped };
}

const BEGINNING = "-----BEGIN";

function textAfterStage(bytes: Uint8Array, maxBytes: number): string | undefined {
  return bytes.length <= maxBytes + 1 ? decodeUtf8(bytes.subarray(1)) : undefined;
}
