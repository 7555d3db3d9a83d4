import { Reader } from "../bytes/reader.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import { Writer } from "../bytes/writer.ts";
import { SealwireError } from "../core/model/errors.ts";

/** No datagram of ours is longer, so that none is cut into pieces on its way. */
export const MAX_DATAGRAM_BYTES = 1_200;
/** What a sealed offer or answer may weigh. */
export const MAX_SEALED_BYTES = 1_000;
/** Bytes of a cookie, a topic and the proof of a reservation. */
export const TOKEN_BYTES = 16;
/** Bytes of the id of a request, a peer and a session. */
export const ID_BYTES = 8;
/** A greeting is filled up to this, so that the answer is never longer. */
export const HELLO_BYTES = 64;

/** Neither a STUN message (RFC 8489, section 5) nor a packet of udx begins so. */
const MAGIC: Uint8Array = encodeUtf8("SWrv");

/** Room at a relay, promised by whoever knows its secret. */
export interface Reservation {
  readonly expiresS: number;
  readonly proof: Uint8Array;
}

/** What peers tell each other through the service. */
export type Signal = "offer" | "answer" | "sync";

/** Why a service says no. */
export const REASON = { limited: 1, full: 2, unproven: 3, nobody: 4, quota: 5 } as const;

/** The numbers of the datagrams. */
export const TYPE = {
  hello: 1,
  challenge: 2,
  register: 3,
  registered: 4,
  signal: 5,
  forwarded: 6,
  bye: 7,
  bind: 8,
  bound: 9,
  refused: 10,
} as const;
/** What peers tell each other, by number. */
export const SIGNALS: readonly Signal[] = Object.freeze(["offer", "answer", "sync"]);

/** Whether a datagram is between a client and a service. */
export function isServiceMessage(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => bytes[at] === byte);
}

/** Begins a datagram. */
export function head(type: number, id: Uint8Array): Writer {
  const writer = new Writer({ initialBytes: 128, maxBytes: MAX_DATAGRAM_BYTES });
  return writer.bytes(MAGIC).uint8(type).bytes(id);
}

/** Looks at the beginning of a datagram. @throws `PROTOCOL_VIOLATION`, `TOO_LARGE` */
export function opened(bytes: Uint8Array): OpenedDatagram {
  if (bytes.length > MAX_DATAGRAM_BYTES) {
    const message = `a datagram of ${bytes.length} bytes; at most ${MAX_DATAGRAM_BYTES}`;
    throw new SealwireError("TOO_LARGE", message);
  }
  if (!isServiceMessage(bytes)) throw malformed("a datagram of another protocol");
  const reader = new Reader(bytes.subarray(MAGIC.length));
  return { type: reader.uint8(), id: reader.bytes(ID_BYTES), reader };
}

/** A datagram whose beginning was read. */
export interface OpenedDatagram {
  readonly type: number;
  readonly id: Uint8Array;
  readonly reader: Reader;
}

/** What a signal says. */
export interface SignalFields {
  readonly signal: Signal;
  readonly topic: Uint8Array;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly session: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Reads a signal; `addressed`: on its way to the service. */
export function signalFrom(reader: Reader, addressed: boolean): SignalFields {
  const signal = SIGNALS[reader.uint8()];
  if (!signal) throw malformed("a signal that nobody knows");
  const topic = reader.bytes(TOKEN_BYTES);
  const from = reader.bytes(ID_BYTES);
  const to = addressed ? reader.bytes(ID_BYTES) : new Uint8Array(ID_BYTES);
  const session = reader.bytes(ID_BYTES);
  const sealed = reader.rest();
  if (sealed.length > MAX_SEALED_BYTES) throw malformed("a signal that is too long");
  return { signal, topic, from, to, session, sealed };
}

/** Reads the promise of a relay. */
export function reservationFrom(reader: Reader): Reservation {
  return { expiresS: reader.uint32(), proof: reader.bytes(TOKEN_BYTES) };
}

/** The fields, when nothing follows them. */
export function ended<Fields>(reader: Reader, fields: Fields): Fields {
  reader.end();
  return fields;
}

/** What is said of datagrams that cannot be read. */
export function malformed(what: string): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", `${what}; expected a message of a rendezvous`);
}
