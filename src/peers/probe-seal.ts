import { equalBytes } from "../bytes/equal.ts";
import { Reader } from "../bytes/reader.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import { Writer } from "../bytes/writer.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { type Aead, NONCE_BYTES, TAG_BYTES } from "../crypto/provider.ts";
import { ENDPOINT_BYTES, readEndpoint, writeEndpoint } from "./endpoint-bytes.ts";
import type { PairingCrypto } from "./pairing-keys.ts";
import { ID_BYTES } from "./service-datagram.ts";

/** What one side asks of a path, or answers over it. Question and answer have the same length. */
export interface Probe {
  readonly kind: "ping" | "pong";
  /** Of a ping: this path is the one in use from now on. */
  readonly chosen: boolean;
  /** Of a ping: a higher number than before asks the other side to try all addresses as well. */
  readonly burst: number;
  /** Of a pong: the count of the ping that it answers. */
  readonly echo: number;
  /** Of a ping: where its sender is for the world. Of a pong: where the ping came from. */
  readonly place: Endpoint | undefined;
}

/** A probe that was opened, with its own count. */
export interface OpenedProbe extends Probe {
  readonly count: number;
}

/** Two keys, one for each direction, so that nothing can be sent back to who has sealed it. */
export interface ProbeKeys {
  readonly session: Uint8Array;
  readonly sending: Uint8Array;
  readonly receiving: Uint8Array;
}

const MAGIC: Uint8Array = encodeUtf8("SWpr");
const HEAD_BYTES = MAGIC.length + ID_BYTES + 8;
const PLAIN_BYTES = 12 + ENDPOINT_BYTES;
/** Bytes of every probe. */
export const PROBE_BYTES: number = HEAD_BYTES + PLAIN_BYTES + TAG_BYTES;
/** So many of the newest are told from repetitions of them; what is older is dropped. */
const WINDOW = 8_192;

/** Whether a datagram is a probe of any session. */
export function isProbe(bytes: Uint8Array): boolean {
  return bytes.length === PROBE_BYTES && MAGIC.every((byte, at) => bytes[at] === byte);
}

/** Seals and opens the probes of one session. Each count is used once and accepted once. */
export class ProbeSeal {
  readonly #session: Uint8Array;
  readonly #sending: Aead;
  readonly #receiving: Aead;
  readonly #heard = new Float64Array(WINDOW);
  #highest = 0;
  #count = 0;

  constructor({ session, sending, receiving }: ProbeKeys, crypto: PairingCrypto) {
    this.#session = session;
    this.#sending = crypto.aead(sending);
    this.#receiving = crypto.aead(receiving);
  }

  /** A probe as a datagram, and the count by which an answer will name it. */
  seal(probe: Probe): { readonly bytes: Uint8Array; readonly count: number } {
    const count = ++this.#count;
    const plain = new Writer({ initialBytes: PLAIN_BYTES, maxBytes: PLAIN_BYTES });
    plain.uint8(probe.kind === "ping" ? 1 : 2).uint8(probe.chosen ? 1 : 0);
    plain.uint16(probe.burst).uint64(BigInt(probe.echo));
    const head = new Writer({ initialBytes: PROBE_BYTES }).bytes(MAGIC).bytes(this.#session);
    const bytes = new Uint8Array(PROBE_BYTES);
    bytes.set(head.uint64(BigInt(count)).finish());
    const sealed = bytes.subarray(HEAD_BYTES);
    const text = writeEndpoint(plain, probe.place).finish();
    this.#sending.seal(nonceOf(count), bytes.subarray(0, HEAD_BYTES), text, sealed);
    return { bytes, count };
  }

  /** The probe in a datagram; `undefined` for what is forged, repeated, or of another session. */
  open(bytes: Uint8Array): OpenedProbe | undefined {
    if (!isProbe(bytes)) return undefined;
    const reader = new Reader(bytes.subarray(MAGIC.length));
    if (!equalBytes(reader.bytes(ID_BYTES), this.#session)) return undefined;
    const count = Number(reader.uint64());
    if (!Number.isSafeInteger(count) || !this.#isFresh(count)) return undefined;
    const plain = new Uint8Array(PLAIN_BYTES);
    try {
      this.#receiving.open(nonceOf(count), bytes.subarray(0, HEAD_BYTES), reader.rest(), plain);
    } catch {
      return undefined;
    }
    this.#heard[count % WINDOW] = count;
    this.#highest = Math.max(this.#highest, count);
    return { count, ...probeFrom(new Reader(plain)) };
  }

  #isFresh(count: number): boolean {
    return count > this.#highest - WINDOW && count > (this.#heard[count % WINDOW] ?? 0);
  }
}

function probeFrom(reader: Reader): Probe {
  const kind = reader.uint8() === 1 ? "ping" : "pong";
  const chosen = reader.uint8() === 1;
  const [burst, echo] = [reader.uint16(), Number(reader.uint64())];
  return { kind, chosen, burst, echo, place: readEndpoint(reader) };
}

function nonceOf(count: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setBigUint64(NONCE_BYTES - 8, BigInt(count));
  return nonce;
}
