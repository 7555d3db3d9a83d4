import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** One STUN message: RFC 8489, section 5. */
export interface StunMessage {
  readonly kind: "request" | "indication" | "success" | "error";
  /** 12 random bytes that tie an answer to its request. */
  readonly transaction: Uint8Array;
  readonly attributes: readonly StunAttribute[];
}

/** A typed piece of a message; what a value means depends on its type. */
export interface StunAttribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** Types of attributes: RFC 8489 section 14, RFC 5780 section 7. */
export const ATTRIBUTE: Readonly<Record<AttributeName, number>> = Object.freeze({
  mappedAddress: 0x0001,
  changeRequest: 0x0003,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  xorMappedAddress: 0x0020,
  fingerprint: 0x8028,
  responseOrigin: 0x802b,
  otherAddress: 0x802c,
  /**
   * Ours, of the range that others ignore: makes a request as long as its answer. PADDING of RFC
   * 5780 would be refused by servers that do not know it.
   */
  filler: 0xfff0,
});

/** The attributes that are used here. */
export type AttributeName =
  | "mappedAddress"
  | "changeRequest"
  | "errorCode"
  | "unknownAttributes"
  | "xorMappedAddress"
  | "fingerprint"
  | "responseOrigin"
  | "otherAddress"
  | "filler";

export const TRANSACTION_BYTES = 12;
const MAGIC_COOKIE = 0x2112_a442;
const HEADER_BYTES = 20;
/** What passes every network in one piece; longer ones are not looked at. */
const MAX_BYTES = 1_232;
const MAX_ATTRIBUTES = 32;
const FINGERPRINT_BYTES = 8;
/** Binding is the only method; its class stands in bits 4 and 8 (RFC 8489, figure 3). */
const TYPES = Object.freeze({
  request: 0x0001,
  indication: 0x0011,
  success: 0x0101,
  error: 0x0111,
});

/** Whether a datagram is STUN by its form, as RFC 8489 section 5 tells it from other protocols. */
export function isStun(datagram: Uint8Array): boolean {
  if (datagram.length < HEADER_BYTES || datagram.length > MAX_BYTES) return false;
  const header = new Reader(datagram);
  const type = header.uint16();
  const length = header.uint16();
  return (
    type < 0x4000 && length === datagram.length - HEADER_BYTES && header.uint32() === MAGIC_COOKIE
  );
}

/**
 * Reads a message of the method Binding; `undefined` for anything else, and where a fingerprint
 * does not fit. Message integrity is not judged: nobody here shares a secret with a STUN server.
 */
export function parseStun(datagram: Uint8Array): StunMessage | undefined {
  if (!isStun(datagram)) return undefined;
  const fields = new Reader(datagram);
  const kind = kindOf(fields.uint16());
  fields.bytes(6);
  const transaction = fields.bytes(TRANSACTION_BYTES);
  const attributes = readAttributes(fields, datagram);
  if (kind === undefined || attributes === undefined) return undefined;
  return { kind, transaction, attributes };
}

/** The bytes of a message, with a fingerprint at its end unless told otherwise. */
export function formatStun(message: StunMessage, fingerprint = true): Uint8Array {
  const body = new Writer();
  for (const { type, value } of message.attributes) {
    const padding = (4 - (value.length % 4)) % 4;
    body.uint16(type).uint16(value.length).bytes(value).bytes(new Uint8Array(padding));
  }
  const length = body.length + (fingerprint ? FINGERPRINT_BYTES : 0);
  const whole = new Writer().uint16(TYPES[message.kind]).uint16(length).uint32(MAGIC_COOKIE);
  whole.bytes(message.transaction).bytes(body.finish());
  if (fingerprint) {
    const check = fingerprintOf(whole.finish());
    whole.uint16(ATTRIBUTE.fingerprint).uint16(4).uint32(check);
  }
  return whole.finish();
}

/** The value of the first attribute of a type: later ones are ignored (RFC 8489, section 14). */
export function attributeOf({ attributes }: StunMessage, type: number): Uint8Array | undefined {
  return attributes.find((attribute) => attribute.type === type)?.value;
}

function kindOf(type: number): StunMessage["kind"] | undefined {
  const kinds = ["request", "indication", "success", "error"] as const;
  return kinds.find((kind) => TYPES[kind] === type);
}

function readAttributes(fields: Reader, datagram: Uint8Array): StunAttribute[] | undefined {
  const attributes: StunAttribute[] = [];
  while (fields.remaining > 0) {
    const begin = datagram.length - fields.remaining;
    if (fields.remaining < 4 || attributes.length === MAX_ATTRIBUTES) return undefined;
    const type = fields.uint16();
    const length = fields.uint16();
    if (length > fields.remaining) return undefined;
    const value = fields.bytes(length);
    fields.bytes(Math.min(fields.remaining, (4 - (length % 4)) % 4));
    if (type === ATTRIBUTE.fingerprint) {
      return fields.remaining === 0 && fits(value, datagram, begin) ? attributes : undefined;
    }
    attributes.push({ type, value });
  }
  return attributes;
}

function fits(value: Uint8Array, datagram: Uint8Array, begin: number): boolean {
  return (
    value.length === 4 && new Reader(value).uint32() === fingerprintOf(datagram.subarray(0, begin))
  );
}
