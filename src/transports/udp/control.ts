import { crc32 } from "node:zlib";
import { equalBytes } from "../../bytes/equal.ts";
import { Reader } from "../../bytes/reader.ts";
import { Writer } from "../../bytes/writer.ts";

/** What two endpoints say beside the streams, one datagram each. */
export type Control = Opening | PathControl;

/** How a channel comes about: `hello`, `challenge`, `open`, then `accept` or `refuse`. */
export type Opening =
  | { readonly kind: "hello"; readonly attempt: Uint8Array }
  | { readonly kind: "challenge"; readonly attempt: Uint8Array; readonly cookie: Uint8Array }
  | (StreamOffer & { readonly kind: "open"; readonly cookie: Uint8Array })
  | (StreamOffer & { readonly kind: "accept" })
  | { readonly kind: "refuse"; readonly attempt: Uint8Array };

/** What one side brings to a channel. */
export interface StreamOffer {
  /** Random; names the opening and shows in the answer that its sender has heard us. */
  readonly attempt: Uint8Array;
  /** The number of the stream at the sender. */
  readonly stream: number;
  /** Half of the secret that proves pings. */
  readonly token: Uint8Array;
}

/** What keeps a path, proven by the secret of the channel. */
export interface PathControl {
  readonly kind: "ping" | "pong" | "gone";
  /** The number of the stream at the receiver. */
  readonly stream: number;
  /** Grows with each datagram of the sender, so that a repeated one is known. */
  readonly sequence: bigint;
  /** Chosen by the one who asks, repeated by the one who answers; zeros where nobody asked. */
  readonly nonce: Uint8Array;
  /**
   * Which of the successive streams the sender is in, how many bytes it has received, and how many
   * have arrived that may yet turn out to be damaged.
   */
  readonly epoch: number;
  readonly received: number;
  readonly arrived: number;
  readonly proof: Uint8Array;
}

/** Lengths of the fields, in bytes. */
export const ATTEMPT_BYTES = 8;
export const COOKIE_BYTES = 20;
export const TOKEN_BYTES = 16;
export const NONCE_BYTES = 8;
export const PROOF_BYTES = 16;

/** Nobody starts so: STUN begins with two zero bits, udx with 0xff. */
const MAGIC = Uint8Array.of(0x53, 0x57, 0x75, 0x01);

/**
 * So long are the datagrams of an opening towards the side that listens. Its answers are shorter,
 * so that nobody can use it to send more to a third party than he sends himself.
 */
const REQUEST_BYTES = 64;

const KINDS = ["hello", "challenge", "open", "accept", "refuse", "ping", "pong", "gone"] as const;

/** Whether a datagram is one of these, by its first bytes. */
export function isControl(datagram: Uint8Array): boolean {
  return equalBytes(datagram.subarray(0, MAGIC.length), MAGIC);
}

/** Reads a datagram; `undefined` for everything that is not exactly one of these. */
export function parseControl(datagram: Uint8Array): Control | undefined {
  if (!isControl(datagram) || datagram.length > REQUEST_BYTES) return undefined;
  const kind = KINDS[datagram[MAGIC.length] ?? KINDS.length];
  if (kind === undefined || datagram.length !== LENGTHS[kind]) return undefined;
  const fields = new Reader(datagram.subarray(MAGIC.length + 1));
  if (kind === "ping" || kind === "pong" || kind === "gone") return readPath(kind, fields);
  return isWhole(datagram) ? readOpening(kind, fields) : undefined;
}

/** The bytes of one of these. */
export function formatControl(control: Control): Uint8Array {
  const length = LENGTHS[control.kind];
  const fields = new Writer({ initialBytes: length });
  fields.bytes(MAGIC).uint8(KINDS.indexOf(control.kind));
  if (isPath(control)) {
    return fields.bytes(provenPart(control)).bytes(control.proof).finish();
  }
  writeOpening(fields, control);
  const datagram = fields.bytes(new Uint8Array(length - fields.length)).finish();
  const end = length - CHECK_BYTES;
  new DataView(datagram.buffer, datagram.byteOffset).setUint32(end, checkOf(datagram));
  return datagram;
}

/** What a proof is made over, beside the kind. */
export function provenPart(control: Omit<PathControl, "proof">): Uint8Array {
  const { stream, sequence, nonce, epoch, received, arrived } = control;
  const fields = new Writer({ initialBytes: 40 }).uint32(stream).uint64(sequence).bytes(nonce);
  return fields.uint32(epoch).uint64(BigInt(received)).uint64(BigInt(arrived)).finish();
}

/** Whether it keeps a path, or else opens one. */
export function isPath(control: Control): control is PathControl {
  return control.kind === "ping" || control.kind === "pong" || control.kind === "gone";
}

/** Nothing proves an opening yet, and a damaged one would make a channel that leads nowhere. */
function isWhole(datagram: Uint8Array): boolean {
  return new Reader(datagram.subarray(-CHECK_BYTES)).uint32() === checkOf(datagram);
}

function checkOf(datagram: Uint8Array): number {
  return crc32(datagram.subarray(0, -CHECK_BYTES));
}

const CHECK_BYTES = 4;
const HEAD_BYTES = MAGIC.length + 1;
const PATH_BYTES = HEAD_BYTES + 4 + 8 + NONCE_BYTES + 4 + 8 + 8 + PROOF_BYTES;

const LENGTHS: Readonly<Record<Control["kind"], number>> = Object.freeze({
  hello: REQUEST_BYTES,
  challenge: HEAD_BYTES + ATTEMPT_BYTES + COOKIE_BYTES + CHECK_BYTES,
  open: REQUEST_BYTES,
  accept: HEAD_BYTES + ATTEMPT_BYTES + 4 + TOKEN_BYTES + CHECK_BYTES,
  refuse: HEAD_BYTES + ATTEMPT_BYTES + CHECK_BYTES,
  ping: PATH_BYTES,
  pong: PATH_BYTES,
  gone: PATH_BYTES,
});

function readOpening(kind: Opening["kind"], fields: Reader): Opening {
  const attempt = fields.bytes(ATTEMPT_BYTES);
  if (kind === "challenge") return { kind, attempt, cookie: fields.bytes(COOKIE_BYTES) };
  if (kind === "hello" || kind === "refuse") return { kind, attempt };
  const offer = { attempt, stream: fields.uint32(), token: fields.bytes(TOKEN_BYTES) };
  return kind === "open"
    ? { kind, ...offer, cookie: fields.bytes(COOKIE_BYTES) }
    : { kind, ...offer };
}

function writeOpening(fields: Writer, control: Opening): void {
  fields.bytes(control.attempt);
  if (control.kind === "open" || control.kind === "accept") {
    fields.uint32(control.stream).bytes(control.token);
  }
  if (control.kind === "open" || control.kind === "challenge") fields.bytes(control.cookie);
}

function readPath(kind: PathControl["kind"], fields: Reader): PathControl {
  return {
    kind,
    stream: fields.uint32(),
    sequence: fields.uint64(),
    nonce: fields.bytes(NONCE_BYTES),
    epoch: fields.uint32(),
    // Beyond 2^53 it is no longer exact, which no stream reaches.
    received: Number(fields.uint64()),
    arrived: Number(fields.uint64()),
    proof: fields.bytes(PROOF_BYTES),
  };
}
