import { join } from "../bytes/join.ts";
import { Reader } from "../bytes/reader.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import { Writer } from "../bytes/writer.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import { hkdf } from "../crypto/derive.ts";
import { NONCE_BYTES, TAG_BYTES } from "../crypto/provider.ts";
import { randomBytes } from "../crypto/random.ts";
import { readEndpoint, writeEndpoint } from "./endpoint-bytes.ts";
import { NAT_KINDS, type NatKind } from "./nat-kind.ts";
import type { PairingCrypto, PairingKeys } from "./pairing-keys.ts";
import {
  ended,
  MAX_SEALED_BYTES,
  type Reservation,
  reservationFrom,
  type Signal,
  TOKEN_BYTES,
} from "./service-datagram.ts";

/** How one side can be reached, told to the other and to nobody else. */
export interface Offer {
  /** 16 random bytes of this side. */
  readonly nonce: Uint8Array;
  /** The number of this side's stream. */
  readonly stream: number;
  readonly nat: NatKind;
  readonly candidates: readonly Endpoint[];
  /** Room at a relay for both; the side that called has asked for it. */
  readonly relay?: { readonly reservation: Reservation; readonly address: string } | undefined;
}

/** What an offer belongs to, and is sealed together with. */
export interface OfferContext {
  readonly signal: Signal;
  readonly topic: Uint8Array;
  readonly from: Uint8Array;
  readonly session: Uint8Array;
}

/** More addresses are neither told nor believed. */
export const MAX_CANDIDATES = 16;

const VERSION = 1;

/** Seals an offer or answer under a key that is used for nothing else. */
export function sealOffer(
  offer: Offer,
  context: OfferContext,
  { offers }: PairingKeys,
  crypto: PairingCrypto,
): Uint8Array {
  const salt = randomBytes(TOKEN_BYTES);
  const plain = formatOffer(offer);
  const sealed = new Uint8Array(plain.length + TAG_BYTES);
  const aead = crypto.aead(hkdf(crypto, { key: offers, salt }));
  aead.seal(ZERO_NONCE, boundTo(context), plain, sealed);
  return join([salt, sealed]);
}

/** Opens one. @throws `RECORD_REJECTED` for another key, `PROTOCOL_VIOLATION` */
export function openOffer(
  bytes: Uint8Array,
  context: OfferContext,
  { offers }: PairingKeys,
  crypto: PairingCrypto,
): Offer {
  if (bytes.length < TOKEN_BYTES + TAG_BYTES) {
    throw new SealwireError("PROTOCOL_VIOLATION", "a sealed offer that is too short");
  }
  const aead = crypto.aead(hkdf(crypto, { key: offers, salt: bytes.subarray(0, TOKEN_BYTES) }));
  const plain = new Uint8Array(bytes.length - TOKEN_BYTES - TAG_BYTES);
  aead.open(ZERO_NONCE, boundTo(context), bytes.subarray(TOKEN_BYTES), plain);
  return parseOffer(plain);
}

/** The key is fresh for each offer, so one nonce does. */
const ZERO_NONCE: Uint8Array = new Uint8Array(NONCE_BYTES);

function boundTo({ signal, topic, from, session }: OfferContext): Uint8Array {
  return join([encodeUtf8(signal), topic, from, session]);
}

function formatOffer({ nonce, stream, nat, candidates, relay }: Offer): Uint8Array {
  const writer = new Writer({ maxBytes: MAX_SEALED_BYTES });
  writer.uint8(VERSION).bytes(nonce).uint32(stream).uint8(NAT_KINDS.indexOf(nat));
  const told = candidates.slice(0, MAX_CANDIDATES);
  writer.uint8(told.length);
  for (const candidate of told) writeEndpoint(writer, candidate);
  if (!relay) return writer.uint8(0).finish();
  const { reservation, address } = relay;
  writer.uint8(1).uint32(reservation.expiresS).bytes(reservation.proof);
  return writer.bytes(encodeUtf8(address)).finish();
}

function parseOffer(bytes: Uint8Array): Offer {
  const reader = new Reader(bytes);
  const version = reader.uint8();
  if (version !== VERSION) {
    const message = `an offer of version ${version}; expected ${VERSION}: update one of both sides`;
    throw new SealwireError("UNSUPPORTED", message);
  }
  const nonce = reader.bytes(TOKEN_BYTES).slice();
  const stream = reader.uint32();
  const nat = NAT_KINDS[reader.uint8()] ?? "unknown";
  const count = Math.min(reader.uint8(), MAX_CANDIDATES);
  const read = Array.from({ length: count }, () => readEndpoint(reader));
  const candidates = read.filter((candidate) => candidate !== undefined);
  if (reader.uint8() === 0) return ended(reader, { nonce, stream, nat, candidates });
  const reservation = reservationFrom(reader);
  const address = String.fromCharCode(...reader.rest());
  return { nonce, stream, nat, candidates, relay: { reservation, address } };
}
