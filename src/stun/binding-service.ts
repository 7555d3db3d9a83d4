import { Reader } from "../bytes/reader.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { formatAddress, formatXorAddress } from "./address-value.ts";
import {
  ATTRIBUTE,
  attributeOf,
  formatStun,
  parseStun,
  type StunAttribute,
  type StunMessage,
} from "./message.ts";

/** Where a STUN server stands, and what it may do. */
export interface BindingPlace {
  /** Its own address that the request came to, told as RESPONSE-ORIGIN. */
  readonly origin?: Endpoint;
  /**
   * Another address *and* port of the same server, told as OTHER-ADDRESS; with it clients find out
   * how their router filters (RFC 5780).
   */
  readonly other?: Endpoint;
  /**
   * How many times the bytes of a request an answer may have. 1 keeps a server from being turned
   * against others by forged sources, and leaves requests unanswered that are shorter than the
   * shortest answer; plain clients of other makes need 1.6.
   *
   * @default 1
   */
  readonly maxAmplification?: number;
}

/** What to send, and from where. */
export interface BindingAnswer {
  readonly bytes: Uint8Array;
  /** What of the address that the request came to is to be exchanged for that of `other`. */
  readonly change: { readonly host: boolean; readonly port: boolean };
}

/**
 * Answers a binding request: where it came from, as seen here (RFC 8489), and on request from
 * another address (RFC 5780). Keeps nothing. `undefined`: no request, or one that gets no answer.
 */
export function answerBinding(
  request: Uint8Array,
  source: Endpoint,
  place: BindingPlace = {},
): BindingAnswer | undefined {
  const message = parseStun(request);
  if (message?.kind !== "request") return undefined;
  const maxBytes = Math.floor(request.length * (place.maxAmplification ?? 1));
  const unknown = unknownAttributes(message);
  if (unknown.length > 0) return sent(refusal(message, unknown), maxBytes, STAY);
  const change = changeOf(message);
  if ((change.host || change.port) && place.other === undefined) return undefined;
  return longestThatFits(message, source, place, maxBytes, change);
}

/** Puts the addresses into one's own answers, most important first, and drops what is too much. */
function longestThatFits(
  { transaction }: StunMessage,
  source: Endpoint,
  { origin, other }: BindingPlace,
  maxBytes: number,
  change: BindingAnswer["change"],
): BindingAnswer | undefined {
  const attributes = [
    attribute(ATTRIBUTE.xorMappedAddress, formatXorAddress(source, transaction)),
    attribute(ATTRIBUTE.otherAddress, other && formatAddress(other)),
    attribute(ATTRIBUTE.responseOrigin, origin && formatAddress(origin)),
  ].flat();
  for (let count = attributes.length; count > 0; count--) {
    const answer = {
      kind: "success",
      transaction,
      attributes: attributes.slice(0, count),
    } as const;
    const fitting = sent(answer, maxBytes, change);
    if (fitting !== undefined) return fitting;
  }
  return undefined;
}

const STAY = Object.freeze({ host: false, port: false });

/** With a fingerprint if there is room for one. */
function sent(
  answer: StunMessage,
  maxBytes: number,
  change: BindingAnswer["change"],
): BindingAnswer | undefined {
  const marked = formatStun(answer);
  if (marked.length <= maxBytes) return { bytes: marked, change };
  const plain = formatStun(answer, false);
  return plain.length <= maxBytes ? { bytes: plain, change } : undefined;
}

function attribute(type: number, value: Uint8Array | undefined): readonly StunAttribute[] {
  return value === undefined ? [] : [{ type, value }];
}

/** Types below 0x8000 must be understood (RFC 8489, section 14). */
function unknownAttributes({ attributes }: StunMessage): readonly number[] {
  const types = attributes.map(({ type }) => type);
  return types.filter((type) => type < 0x8000 && type !== ATTRIBUTE.changeRequest);
}

/** 420 Unknown Attribute, with their types: RFC 8489, sections 14.8 and 14.9. */
function refusal({ transaction }: StunMessage, types: readonly number[]): StunMessage {
  const listed = Uint8Array.from(types.flatMap((type) => [type >> 8, type & 0xff]));
  const attributes = [
    { type: ATTRIBUTE.errorCode, value: Uint8Array.of(0, 0, 4, 20) },
    { type: ATTRIBUTE.unknownAttributes, value: listed },
  ];
  return { kind: "error", transaction, attributes };
}

/** CHANGE-REQUEST: RFC 5780, section 7.2. */
function changeOf(message: StunMessage): BindingAnswer["change"] {
  const value = attributeOf(message, ATTRIBUTE.changeRequest);
  if (value?.length !== 4) return STAY;
  const flags = new Reader(value).uint32();
  return { host: (flags & 4) !== 0, port: (flags & 2) !== 0 };
}
