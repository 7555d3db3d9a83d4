import type { Reader } from "../bytes/reader.ts";
import {
  ended,
  HELLO_BYTES,
  head,
  ID_BYTES,
  malformed,
  opened,
  type Reservation,
  reservationFrom,
  SIGNALS,
  type Signal,
  signalFrom,
  TOKEN_BYTES,
  TYPE,
} from "./service-datagram.ts";

/** What a client sends to a service. `id` comes back in the reply. */
export type ServiceRequest = { readonly id: Uint8Array } & (
  | { readonly kind: "hello" }
  | {
      readonly kind: "register";
      readonly cookie: Uint8Array;
      readonly topic: Uint8Array;
      readonly peer: Uint8Array;
      /** Wants offers. */
      readonly listens: boolean;
      /** Wants a reservation for this session; all zero for none. */
      readonly session: Uint8Array;
    }
  | {
      readonly kind: "signal";
      readonly cookie: Uint8Array;
      readonly signal: Signal;
      readonly topic: Uint8Array;
      readonly from: Uint8Array;
      /** All zero: all who listen. */
      readonly to: Uint8Array;
      readonly session: Uint8Array;
      readonly sealed: Uint8Array;
    }
  | {
      readonly kind: "bye";
      readonly cookie: Uint8Array;
      readonly topic: Uint8Array;
      readonly peer: Uint8Array;
    }
  | {
      readonly kind: "bind";
      readonly cookie: Uint8Array;
      readonly session: Uint8Array;
      /** 0 for who asked for the session, 1 for who answered. */
      readonly side: number;
      readonly reservation: Reservation;
    }
);

/** A request as a datagram. */
export function formatRequest(request: ServiceRequest): Uint8Array {
  const writer = head(TYPE[request.kind], request.id);
  if (request.kind === "hello") {
    return writer.bytes(new Uint8Array(HELLO_BYTES - writer.length)).finish();
  }
  writer.bytes(request.cookie);
  if (request.kind === "bind") {
    const { session, side, reservation } = request;
    writer.bytes(session).uint8(side);
    return writer.uint32(reservation.expiresS).bytes(reservation.proof).finish();
  }
  if (request.kind === "signal") {
    writer.uint8(SIGNALS.indexOf(request.signal));
    writer.bytes(request.topic).bytes(request.from).bytes(request.to).bytes(request.session);
    return writer.bytes(request.sealed).finish();
  }
  writer.bytes(request.topic).bytes(request.peer);
  if (request.kind === "bye") return writer.finish();
  return writer
    .uint8(request.listens ? 1 : 0)
    .bytes(request.session)
    .finish();
}

/** The request in a datagram. @throws `PROTOCOL_VIOLATION`, `TOO_LARGE` */
export function parseRequest(bytes: Uint8Array): ServiceRequest {
  const { type, id, reader } = opened(bytes);
  if (type === TYPE.hello) {
    if (bytes.length < HELLO_BYTES) throw malformed("a greeting that is too short");
    return { kind: "hello", id };
  }
  const cookie = reader.bytes(TOKEN_BYTES);
  if (type === TYPE.register) return { kind: "register", id, cookie, ...registerFrom(reader) };
  if (type === TYPE.signal) return { kind: "signal", id, cookie, ...signalFrom(reader, true) };
  if (type === TYPE.bye) {
    const fields = { topic: reader.bytes(TOKEN_BYTES), peer: reader.bytes(ID_BYTES) };
    return ended(reader, { kind: "bye", id, cookie, ...fields });
  }
  if (type === TYPE.bind) {
    const fields = { session: reader.bytes(ID_BYTES), side: reader.uint8() & 1 };
    const reservation = reservationFrom(reader);
    return ended(reader, { kind: "bind", id, cookie, ...fields, reservation });
  }
  throw malformed(`a request of type ${type}`);
}

function registerFrom(reader: Reader) {
  const topic = reader.bytes(TOKEN_BYTES);
  const peer = reader.bytes(ID_BYTES);
  const listens = reader.uint8() === 1;
  return ended(reader, { topic, peer, listens, session: reader.bytes(ID_BYTES) });
}
