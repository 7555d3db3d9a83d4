import { encodeHex } from "../../bytes/text.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { endpointText } from "../../core/engine/endpoint-text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { randomBytes } from "../../crypto/random.ts";
import { Admission } from "./admission.ts";
import { Admitted } from "./admitted.ts";
import type { ChannelTable } from "./channel-table.ts";
import {
  type Control,
  formatControl,
  isControl,
  isPath,
  type Opening,
  parseControl,
  type StreamOffer,
} from "./control.ts";
import { cookies } from "./cookie.ts";
import { Dial } from "./dial.ts";
import type {
  Admissions,
  AgreedPath,
  SharedSocket,
  UdpChannel,
  UdpCounters,
  UdpEndpoint,
} from "./endpoint-types.ts";
import { refused, unanswered } from "./failures.ts";
import { channelSecret, checkSeed, pathProof } from "./path-proof.ts";
import { SharedSockets } from "./shared-sockets.ts";
import { StreamChannel } from "./stream-channel.ts";
import type { UdxSocket } from "./udx.ts";

const SECRET_BYTES = 32;

/** A bound socket of udx, divided among streams, control datagrams and those who share it. */
export class BoundEndpoint implements UdpEndpoint {
  readonly socket: UdxSocket;
  readonly address: Endpoint;
  readonly counters: { -readonly [Kind in keyof UdpCounters]: number };
  readonly #table: ChannelTable;
  readonly #shared: SharedSockets;
  readonly #dials = new Map<string, Dial>();
  readonly #users = new Set<StreamChannel>();
  readonly #admission: Admission;
  #admitted: Admitted | undefined;
  #closing: Promise<void> | undefined;
  #unused: (() => void) | undefined;

  constructor(socket: UdxSocket, table: ChannelTable) {
    const { clock, limits } = table.surroundings;
    const { host, port } = socket.address();
    this.socket = socket;
    this.address = { host, port };
    this.counters = { foreign: 0, malformed: 0, forged: 0, stale: 0, refused: 0 };
    this.#table = table;
    this.#shared = new SharedSockets(socket, this.address);
    this.#admission = new Admission({
      clock,
      cookies: cookies(randomBytes(SECRET_BYTES), clock),
      maxRemembered: limits.maxChannels,
      admit: (theirs, token, from) => this.#admit(theirs, token, from),
      count: (kind) => this.count(kind),
    });
    socket.on("message", (bytes, { host, port }) => this.#onDatagram(bytes, { host, port }));
  }

  get channels(): number {
    return this.#users.size;
  }

  share(claims: (bytes: Uint8Array) => boolean): SharedSocket {
    return this.#shared.open(claims);
  }

  async open(remote: Endpoint, { signal }: { readonly signal: AbortSignal }): Promise<UdpChannel> {
    if (signal.aborted) throw SealwireError.from(signal.reason, "CANCELLED");
    this.#checkOpen();
    const stream = this.#table.reserve();
    try {
      const { ours, theirs } = await this.#dial(remote, stream, signal);
      const secret = channelSecret(ours.token, theirs.token);
      return this.#channel({
        ...{ remote, secret, initiator: true },
        localStream: stream,
        remoteStream: theirs.stream,
      });
    } finally {
      this.#table.unreserve(stream);
    }
  }

  attach(agreed: AgreedPath): UdpChannel {
    this.#checkOpen();
    if (agreed.secret.length !== SECRET_BYTES) {
      const message = `secret has ${agreed.secret.length} bytes; expected ${SECRET_BYTES}`;
      throw new SealwireError("INVALID_ARGUMENT", message);
    }
    if (this.#table.has(agreed.localStream)) {
      const message = `the stream ${agreed.localStream} is in use; agree on another random number`;
      throw new SealwireError("ALREADY_EXISTS", message);
    }
    return this.#channel(agreed);
  }

  accept(): Admissions {
    this.#checkOpen();
    if (this.#admitted !== undefined) {
      const message = `${endpointText(this.address)} admits peers already; use what it gives there`;
      throw new SealwireError("ALREADY_EXISTS", message);
    }
    this.#admitted = new Admitted(this.#table.surroundings.limits.maxPending, () => {
      this.#admitted = undefined;
    });
    return this.#admitted;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  /** Whether its channels are of this table. */
  belongsTo(table: ChannelTable): boolean {
    return this.#table === table;
  }

  /** Says something beside the streams. */
  sendControl(control: Control, to: Endpoint): void {
    this.socket.trySend(formatControl(control), to.port, to.host);
  }

  count(kind: keyof UdpCounters): void {
    this.counters[kind] += 1;
  }

  /** A channel whose path leads over this socket. */
  join(channel: StreamChannel): void {
    this.#users.add(channel);
  }

  /** Its path leads elsewhere, or nowhere. */
  leave(channel: StreamChannel): void {
    this.#users.delete(channel);
    if (this.#users.size === 0) this.#unused?.();
  }

  async #dial(remote: Endpoint, stream: number, signal: AbortSignal) {
    const { clock, limits } = this.#table.surroundings;
    const dial = new Dial({
      clock,
      timeoutMs: limits.connectTimeoutMs,
      stream,
      send: (opening) => this.sendControl(opening, remote),
      unanswered: () => unanswered(remote, limits.connectTimeoutMs),
      refused: () => refused(remote),
    });
    const key = encodeHex(dial.attempt);
    const onAbort = () => dial.fail(SealwireError.from(signal.reason, "CANCELLED"));
    this.#dials.set(key, dial);
    signal.addEventListener("abort", onAbort);
    try {
      return await dial.result;
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#dials.delete(key);
    }
  }

  #onDatagram(bytes: Uint8Array, from: Endpoint): void {
    if (isControl(bytes)) this.#onControl(parseControl(bytes), from);
    else if (!this.#shared.take(bytes, from)) this.count("foreign");
  }

  #onControl(control: Control | undefined, from: Endpoint): void {
    if (control === undefined) this.count("malformed");
    else if (isPath(control)) this.#table.receive(control, { via: this, remote: from });
    else if (control.kind === "hello" || control.kind === "open") this.#onRequest(control, from);
    else if (this.#dials.get(encodeHex(control.attempt))?.receive(control) !== true) {
      this.count("stale");
    }
  }

  #onRequest(opening: Opening, from: Endpoint): void {
    // Where nobody is admitted, nobody is told so: a port that answers can be scanned.
    if (this.#admitted === undefined) return this.count("refused");
    const answer = this.#admission.answer(opening, from);
    if (answer !== undefined) this.sendControl(answer, from);
  }

  #admit(theirs: StreamOffer, token: Uint8Array, from: Endpoint): number | undefined {
    const { limits } = this.#table.surroundings;
    const admitted = this.#admitted;
    if (!admitted?.hasRoom || this.#users.size >= limits.maxChannels) return undefined;
    const stream = this.#table.reserve();
    const secret = channelSecret(theirs.token, token);
    const agreed = { localStream: stream, remoteStream: theirs.stream, remote: from };
    admitted.put(this.#channel({ ...agreed, secret, initiator: false }));
    this.#table.unreserve(stream);
    return stream;
  }

  #channel(agreed: AgreedPath): StreamChannel {
    const { remote, localStream, remoteStream, secret, initiator } = agreed;
    const proof = pathProof(secret, initiator);
    const channel = new StreamChannel({
      ...this.#table.surroundings,
      ...{ udx: this.#table.udx, pool: this.#table.pool },
      ...{ remoteStream, proof },
      seeds: { ours: checkSeed(secret, initiator), theirs: checkSeed(secret, !initiator) },
      route: { via: this, remote },
      numbers: (epoch) => this.#table.numbers(agreed, epoch),
      bound: (endpoint) => this.#table.bound(endpoint),
      onClosed: () => this.#table.remove(localStream, { proof, remoteStream }),
    });
    this.#table.add(localStream, channel);
    return channel;
  }

  #checkOpen(): void {
    if (this.#closing === undefined) return;
    const message = `the endpoint at ${endpointText(this.address)} is closed; bind another`;
    throw new SealwireError("UNAVAILABLE", message);
  }

  async #end(): Promise<void> {
    this.#admitted?.close();
    const closed = new SealwireError("UNAVAILABLE", "the endpoint was closed meanwhile");
    for (const dial of this.#dials.values()) dial.fail(closed);
    this.#shared.closeAll();
    if (this.#users.size > 0) {
      await new Promise<void>((resolve) => {
        this.#unused = resolve;
      });
    }
    await this.socket.close();
  }
}
