import { encodeHex } from "../bytes/text.ts";
import type { Clock } from "../core/contracts/clock.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import { randomBytes } from "../crypto/random.ts";
import { ID_BYTES, REASON } from "./service-datagram.ts";
import { parseReply, type ServiceReply } from "./service-replies.ts";
import { formatRequest, type ServiceRequest } from "./service-requests.ts";

/** A signal that another peer has sent through the service. */
export type Forwarded = ServiceReply & { readonly kind: "forwarded" };

/** What a link is made of. */
export interface ServiceLinkOptions {
  readonly clock: Clock;
  /** Sends one datagram to the service. */
  readonly send: (bytes: Uint8Array) => void;
  readonly onSignal?: (signal: Forwarded) => void;
  /** Told where the service sees us, each time that it says so. */
  readonly onSeen?: (seen: Endpoint | undefined) => void;
}

/** A request without what the link adds. */
export type Asked = ServiceRequest extends infer Request
  ? Request extends ServiceRequest
    ? Omit<Request, "id" | "cookie">
    : never
  : never;

interface Pending {
  readonly asked: Asked;
  readonly id: Uint8Array;
  readonly resolve: (reply: ServiceReply) => void;
  readonly reject: (error: SealwireError) => void;
  readonly askedMs: number;
  cancel: () => void;
  /** How often the service has asked for a proof of the address. */
  challenges: number;
}

/** Pauses before a request is repeated; the last one holds for all that follow. */
const REPEAT_MS = [100, 150, 200, 200, 300, 500, 1_000];
const MAX_CHALLENGES = 4;
const MAX_PENDING = 32;

/**
 * One client's side towards a rendezvous or relay: shows the cookie, repeats what was lost, and
 * hands on the signals of others.
 */
export class ServiceLink {
  readonly #options: ServiceLinkOptions;
  readonly #pending = new Map<string, Pending>();
  #cookie: Uint8Array | undefined;
  #seen: Endpoint | undefined;
  #roundTripMs = Number.POSITIVE_INFINITY;

  constructor(options: ServiceLinkOptions) {
    this.#options = options;
  }

  /** Our own address, as the service has seen it last. */
  get seen(): Endpoint | undefined {
    return this.#seen;
  }

  /** The shortest time so far between a question and its reply, repetitions included. */
  get roundTripMs(): number {
    return this.#roundTripMs;
  }

  /**
   * Asks and waits for the reply.
   *
   * @throws `UNAVAILABLE` when none comes in time, `RATE_LIMITED` and others when it is a refusal
   */
  ask(asked: Asked, timeoutMs: number): Promise<ServiceReply> {
    if (this.#pending.size >= MAX_PENDING) return Promise.reject(tooMany());
    const id = randomBytes(ID_BYTES);
    const askedMs = this.#options.clock.now();
    return new Promise((resolve, reject) => {
      const pending = { asked, id, resolve, reject, askedMs, cancel: () => {}, challenges: 0 };
      this.#pending.set(encodeHex(id), pending);
      this.#repeat(pending, 0, askedMs + timeoutMs);
    });
  }

  /** Says something that has no reply but a refusal, which nobody waits for. */
  tell(asked: Asked): void {
    this.#send(asked, randomBytes(ID_BYTES));
  }

  /** Takes a datagram of the service. What cannot be read, and what nobody asked for, is dropped. */
  take(bytes: Uint8Array): void {
    let reply: ServiceReply;
    try {
      reply = parseReply(bytes);
    } catch {
      return;
    }
    if (reply.kind === "forwarded") return this.#options.onSignal?.(reply);
    const pending = this.#pending.get(encodeHex(reply.id));
    if (!pending) return;
    const tookMs = this.#options.clock.now() - pending.askedMs;
    this.#roundTripMs = Math.min(this.#roundTripMs, tookMs);
    if (reply.kind === "challenge") return this.#challenged(pending, reply);
    if (reply.kind === "registered") this.#cookie = reply.cookie;
    this.#settle(pending);
    if (reply.kind === "refused") pending.reject(refusal(reply.reason));
    else pending.resolve(reply);
  }

  /** Gives up whatever is asked. */
  close(): void {
    for (const pending of [...this.#pending.values()]) {
      this.#settle(pending);
      pending.reject(new SealwireError("CANCELLED", "the link to the service was closed"));
    }
  }

  #challenged(pending: Pending, reply: ServiceReply & { kind: "challenge" }): void {
    this.#cookie = reply.cookie;
    this.#seen = reply.seen;
    this.#options.onSeen?.(reply.seen);
    if (pending.asked.kind === "hello") {
      this.#settle(pending);
      return pending.resolve(reply);
    }
    // A service that is never content must not make us send without end.
    if (pending.challenges++ < MAX_CHALLENGES) this.#send(pending.asked, pending.id);
  }

  #repeat(pending: Pending, attempt: number, untilMs: number): void {
    const { clock } = this.#options;
    if (clock.now() >= untilMs) {
      this.#settle(pending);
      return pending.reject(noAnswer());
    }
    this.#send(pending.asked, pending.id);
    const pauseMs = REPEAT_MS[Math.min(attempt, REPEAT_MS.length - 1)] ?? 0;
    const wait = Math.min(pauseMs, untilMs - clock.now());
    pending.cancel = clock.after(wait, () => this.#repeat(pending, attempt + 1, untilMs));
  }

  #send(asked: Asked, id: Uint8Array): void {
    const cookie = this.#cookie;
    const request: ServiceRequest =
      asked.kind === "hello" || !cookie ? { kind: "hello", id } : { ...asked, id, cookie };
    this.#options.send(formatRequest(request));
  }

  #settle(pending: Pending): void {
    pending.cancel();
    this.#pending.delete(encodeHex(pending.id));
  }
}

function refusal(reason: number): SealwireError {
  if (reason === REASON.nobody) return new SealwireError("NOT_FOUND", "nobody listens there yet");
  if (reason === REASON.unproven) {
    return new SealwireError("UNAUTHENTICATED", "the service does not take this proof; ask anew");
  }
  const message = "the rendezvous or relay has no more room for us; try again later";
  return new SealwireError("RATE_LIMITED", message);
}

function noAnswer(): SealwireError {
  const message =
    "the rendezvous or relay does not answer; is its address right, does it run, does a " +
    "firewall let UDP or WebSocket through?";
  return new SealwireError("UNAVAILABLE", message);
}

function tooMany(): SealwireError {
  return new SealwireError("RATE_LIMITED", `${MAX_PENDING} requests wait for the service already`);
}
