import { SealwireError } from "../../core/model/errors.ts";

/** The number of each type of frame. The original sends no other and goes deaf at any above. */
export const FRAME_TYPES = {
  message: 0x0001,
  rpcRequest: 0x0002,
  rpcResponse: 0x0003,
  rpcError: 0x0004,
  ping: 0x0005,
  pong: 0x0006,
  authRequest: 0x0007,
  authSuccess: 0x0008,
  authFailure: 0x0009,
  pause: 0x000a,
  resume: 0x000b,
  ack: 0x000c,
  nack: 0x000d,
  close: 0x000e,
  closeAck: 0x000f,
  rpcList: 0x0010,
} as const;

/** Bytes before the payload of every frame. */
export const HEADER_BYTES = 32;
/** The one flag that means something: the payload is a zlib stream. */
export const COMPRESSED = 0x0001;
/** What a payload may have at most, as it travels. */
export const MAX_CONTENT_BYTES = 104_857_600;

/** 64 bits without a sign; a `bigint` where a number would not be exact. */
export type CorrelationId = number | bigint;

/** One frame, its payload as it travelled. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly id: CorrelationId;
  readonly payload: Uint8Array;
}

/** Header and payload in one piece. `nowMs` stands in it; nobody checks it. */
export function formatFrame(frame: Frame, nowMs: number): Uint8Array {
  const { type, flags, id, payload } = frame;
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes.set(payload, HEADER_BYTES);
  put32(bytes, 0, MAGIC);
  put32(bytes, 4, (VERSION << 16) | type);
  put32(bytes, 8, flags << 16);
  put32(bytes, 12, payload.length);
  put64(bytes, 16, id);
  put64(bytes, 24, nowMs);
  return bytes;
}

/**
 * A whole frame taken apart; the payload is a view of it.
 *
 * @throws `PROTOCOL_VIOLATION` when the header or the length is not what it must be
 */
export function parseFrame(bytes: Uint8Array): Frame {
  if (bytes.length < HEADER_BYTES) throw malformed("a frame that ends within its header");
  const { type, contentBytes } = parseHeader(bytes);
  if (contentBytes !== bytes.length - HEADER_BYTES) {
    throw malformed(`a frame of ${bytes.length} bytes that claims ${contentBytes} of content`);
  }
  const high = get32(bytes, 16);
  const low = get32(bytes, 20);
  const exact = high < 2 ** 21;
  return {
    type,
    flags: get32(bytes, 8) >>> 16,
    id: exact ? high * 2 ** 32 + low : BigInt(high) * 2n ** 32n + BigInt(low),
    payload: bytes.subarray(HEADER_BYTES),
  };
}

/**
 * What cutting needs of a header.
 *
 * @throws `PROTOCOL_VIOLATION` for another magic, version or type; `TOO_LARGE` for a claim that no
 * peer may make
 */
export function parseHeader(bytes: Uint8Array): {
  readonly type: number;
  readonly contentBytes: number;
} {
  if (get32(bytes, 0) !== MAGIC) throw malformed("bytes that begin no frame");
  const start = get32(bytes, 4);
  const type = start & 0xffff;
  if (start >>> 16 !== VERSION) throw malformed("a frame of another version");
  if (type === 0 || type > FRAME_TYPES.rpcList) throw malformed(`a frame of type ${type}`);
  const contentBytes = get32(bytes, 12);
  if (contentBytes <= MAX_CONTENT_BYTES) return { type, contentBytes };
  const message = `a frame claims ${contentBytes} bytes; this wire allows ${MAX_CONTENT_BYTES}`;
  throw new SealwireError("TOO_LARGE", message);
}

/** Whether bytes can be, or are, the beginning of a connection: "CNDT". */
export function recognizesMagic(head: Uint8Array): boolean | undefined {
  const seen = Math.min(head.length, MAGIC_BYTES.length);
  for (let at = 0; at < seen; at++) if (head[at] !== MAGIC_BYTES[at]) return false;
  return seen === MAGIC_BYTES.length ? true : undefined;
}

/** What the peer sent is not what the wire allows. The original stops reading; we close. */
export function malformed(what: string): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", `the peer sent ${what}`);
}

const MAGIC = 0x434e4454;
const MAGIC_BYTES: readonly number[] = [0x43, 0x4e, 0x44, 0x54];
const VERSION = 0x0100;

function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function put64(bytes: Uint8Array, at: number, value: CorrelationId): void {
  const wide = typeof value === "bigint";
  put32(bytes, at, wide ? Number(value >> 32n) : Math.floor(value / 2 ** 32));
  put32(bytes, at + 4, wide ? Number(value & 0xffff_ffffn) : value % 2 ** 32);
}

function get32(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
