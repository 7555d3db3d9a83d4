import { encodeHex } from "../bytes/text.ts";
import type { Clock } from "../core/contracts/clock.ts";
import type { DatagramSocket, Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import { randomBytes } from "../crypto/random.ts";
import { parseAddress, parseXorAddress } from "./address-value.ts";
import {
  ATTRIBUTE,
  attributeOf,
  formatStun,
  parseStun,
  type StunMessage,
  TRANSACTION_BYTES,
} from "./message.ts";

/** What a STUN server says. */
export interface Binding {
  /** Our own address as the server sees it. */
  readonly mapped: Endpoint;
  /** Where the answer came from. */
  readonly from: Endpoint;
  /** Another address of the same server, where it can test filters (RFC 5780). */
  readonly other: Endpoint | undefined;
  readonly rttMs: number;
}

/** How to ask. */
export interface AskOptions {
  /** Wants the answer from the server's other address or port (RFC 5780). */
  readonly change?: { readonly host: boolean; readonly port: boolean };
  readonly signal?: AbortSignal;
}

/** Pauses before a question is repeated, and before it is given up. */
const PAUSES_MS: readonly number[] = [250, 500, 1_000];
/** As long as the longest answer, so that servers which do not amplify can give it. */
const REQUEST_BYTES = 108;
const HEADER_BYTES = 20;

/** Asks STUN servers over one socket, whose other datagrams it ignores. */
export class BindingClient {
  readonly #socket: DatagramSocket;
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenRequest>();

  /** Takes what the socket receives from now on. */
  constructor(socket: DatagramSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.receive((bytes, from) => this.#receive(bytes, from));
  }

  /**
   * Asks a server where we are. Repeats the question after 0.25 and 0.75 seconds.
   *
   * @throws `UNAVAILABLE` when there is no answer within 1.75 seconds, `UNSUPPORTED` when the
   * server refuses, `CANCELLED` by the signal
   */
  ask(server: Endpoint, options: AskOptions = {}): Promise<Binding> {
    const transaction = randomBytes(TRANSACTION_BYTES);
    const key = encodeHex(transaction);
    const request = new OpenRequest({
      clock: this.#clock,
      server,
      transaction,
      send: () => this.#socket.send(requestBytes(transaction, options.change), server),
      onSettled: () => this.#open.delete(key),
    });
    this.#open.set(key, request);
    return request.run(options.signal);
  }

  #receive(bytes: Uint8Array, from: Endpoint): void {
    const message = parseStun(bytes);
    if (message === undefined) return;
    this.#open.get(encodeHex(message.transaction))?.receive(message, from);
  }
}

interface OpenRequestOptions {
  readonly clock: Clock;
  readonly server: Endpoint;
  readonly transaction: Uint8Array;
  readonly send: () => void;
  readonly onSettled: () => void;
}

/** One question until its answer. */
class OpenRequest {
  readonly #options: OpenRequestOptions;
  #sentMs = 0;
  #cancel: () => void = () => {};
  #settle: { resolve(binding: Binding): void; reject(error: Error): void } | undefined;

  constructor(options: OpenRequestOptions) {
    this.#options = options;
  }

  run(signal: AbortSignal | undefined): Promise<Binding> {
    const onAbort = () => this.#fail(SealwireError.from(signal?.reason, "CANCELLED"));
    return new Promise<Binding>((resolve, reject) => {
      this.#settle = { resolve, reject };
      signal?.addEventListener("abort", onAbort);
      if (signal?.aborted) onAbort();
      else this.#send(0);
    }).finally(() => signal?.removeEventListener("abort", onAbort));
  }

  receive(message: StunMessage, from: Endpoint): void {
    if (message.kind === "error") return this.#fail(refused(this.#options.server));
    const mapped = message.kind === "success" ? mappedOf(message) : undefined;
    if (mapped === undefined) return;
    const other = attributeOf(message, ATTRIBUTE.otherAddress);
    const rttMs = this.#options.clock.now() - this.#sentMs;
    this.#end()?.resolve({ mapped, from, other: other && parseAddress(other), rttMs });
  }

  #send(tried: number): void {
    const pauseMs = PAUSES_MS[tried];
    if (pauseMs === undefined) return this.#fail(unanswered(this.#options.server));
    this.#sentMs = this.#options.clock.now();
    this.#options.send();
    this.#cancel = this.#options.clock.after(pauseMs, () => this.#send(tried + 1), true);
  }

  #fail(error: Error): void {
    this.#end()?.reject(error);
  }

  #end() {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#cancel();
    this.#options.onSettled();
    return settle;
  }
}

function requestBytes(transaction: Uint8Array, change: AskOptions["change"]): Uint8Array {
  const flags = (change?.host ? 4 : 0) | (change?.port ? 2 : 0);
  const wanted =
    flags === 0 ? [] : [{ type: ATTRIBUTE.changeRequest, value: Uint8Array.of(0, 0, 0, flags) }];
  const filled = HEADER_BYTES + 8 * wanted.length + 4;
  const filler = { type: ATTRIBUTE.filler, value: new Uint8Array(REQUEST_BYTES - filled - 8) };
  return formatStun({ kind: "request", transaction, attributes: [...wanted, filler] });
}

/** Old servers know the plain form only. */
function mappedOf(message: StunMessage): Endpoint | undefined {
  const xor = attributeOf(message, ATTRIBUTE.xorMappedAddress);
  if (xor !== undefined) return parseXorAddress(xor, message.transaction);
  const plain = attributeOf(message, ATTRIBUTE.mappedAddress);
  return plain && parseAddress(plain);
}

function unanswered({ host, port }: Endpoint): SealwireError {
  const message = `no STUN answer from ${host} port ${port}; is it a STUN server, does UDP pass?`;
  return new SealwireError("UNAVAILABLE", message);
}

function refused({ host, port }: Endpoint): SealwireError {
  const message = `the STUN server ${host} port ${port} refuses plain binding requests`;
  return new SealwireError("UNSUPPORTED", message);
}
