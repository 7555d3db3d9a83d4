import type { Reader } from "../bytes/reader.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { readEndpoint, writeEndpoint } from "./endpoint-bytes.ts";
import {
  ended,
  head,
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

/** What a service sends to a client. */
export type ServiceReply = { readonly id: Uint8Array } & (
  | { readonly kind: "challenge"; readonly cookie: Uint8Array; readonly seen: Endpoint | undefined }
  | {
      readonly kind: "registered";
      readonly cookie: Uint8Array;
      readonly leaseS: number;
      /** How many others listen under the topic. */
      readonly listeners: number;
      readonly reservation: Reservation | undefined;
      /** Where the relay is; empty when it is the service itself. */
      readonly relay: string;
    }
  | {
      readonly kind: "forwarded";
      readonly signal: Signal;
      readonly topic: Uint8Array;
      readonly from: Uint8Array;
      readonly session: Uint8Array;
      readonly sealed: Uint8Array;
    }
  | { readonly kind: "bound"; readonly both: boolean }
  | { readonly kind: "refused"; readonly reason: number }
);

/** A reply as a datagram. */
export function formatReply(reply: ServiceReply): Uint8Array {
  const writer = head(TYPE[reply.kind], reply.id);
  if (reply.kind === "challenge") {
    return writeEndpoint(writer.bytes(reply.cookie), reply.seen).finish();
  }
  if (reply.kind === "bound") return writer.uint8(reply.both ? 1 : 0).finish();
  if (reply.kind === "refused") return writer.uint8(reply.reason).finish();
  if (reply.kind === "forwarded") {
    writer.uint8(SIGNALS.indexOf(reply.signal)).bytes(reply.topic).bytes(reply.from);
    return writer.bytes(reply.session).bytes(reply.sealed).finish();
  }
  writer.bytes(reply.cookie).uint16(reply.leaseS).uint8(Math.min(255, reply.listeners));
  const { expiresS, proof } = reply.reservation ?? NO_RESERVATION;
  return writer.uint32(expiresS).bytes(proof).bytes(encodeUtf8(reply.relay)).finish();
}

/** The reply in a datagram. @throws `PROTOCOL_VIOLATION`, `TOO_LARGE` */
export function parseReply(bytes: Uint8Array): ServiceReply {
  const { type, id, reader } = opened(bytes);
  if (type === TYPE.challenge) {
    const cookie = reader.bytes(TOKEN_BYTES);
    return ended(reader, { kind: "challenge", id, cookie, seen: readEndpoint(reader) });
  }
  if (type === TYPE.registered) return { kind: "registered", id, ...registeredFrom(reader) };
  if (type === TYPE.forwarded) return { kind: "forwarded", id, ...signalFrom(reader, false) };
  if (type === TYPE.bound) return ended(reader, { kind: "bound", id, both: reader.uint8() === 1 });
  if (type === TYPE.refused) return ended(reader, { kind: "refused", id, reason: reader.uint8() });
  throw malformed(`a reply of type ${type}`);
}

const NO_RESERVATION: Reservation = { expiresS: 0, proof: new Uint8Array(TOKEN_BYTES) };

const MAX_RELAY_TEXT = 200;

function registeredFrom(reader: Reader) {
  const cookie = reader.bytes(TOKEN_BYTES);
  const leaseS = reader.uint16();
  const listeners = reader.uint8();
  const made = reservationFrom(reader);
  if (reader.remaining > MAX_RELAY_TEXT) throw malformed("an address that is too long");
  const relay = String.fromCharCode(...reader.rest());
  const reservation = made.expiresS === 0 ? undefined : made;
  return { cookie, leaseS, listeners, reservation, relay };
}
