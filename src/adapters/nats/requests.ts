import { encodeHex } from "../../bytes/text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { randomBytes } from "../../crypto/random.ts";
import { ClusterSeal } from "./cluster-seal.ts";
import type { NatsLink } from "./nats-link.ts";
import type { Rejections } from "./rejections.ts";

/** What a request is sealed for; its answer is sealed for the very request. */
export const requestContext = (subject: string): string => `request ${subject}`;
/** @see requestContext */
export const replyContext = (sealedRequest: Uint8Array): string =>
  `reply ${ClusterSeal.idOf(sealedRequest)}`;

/** Requests that may wait for their answers; one more is refused. */
const MAX_WAITING = 100_000;
/** NATS says so when nobody is subscribed. */
const NO_RESPONDERS = 503;

interface Waiting {
  readonly context: string;
  resolve(answer: Uint8Array): void;
  reject(error: unknown): void;
}

/** Asks those who are subscribed, and takes the first answer that was sealed for the request. */
export class Requests {
  readonly #link: NatsLink;
  readonly #seal: ClusterSeal;
  readonly #rejections: Rejections;
  readonly #inbox: string = `_INBOX.${encodeHex(randomBytes(12))}`;
  readonly #waiting = new Map<string, Waiting>();
  #subscribed = false;
  #asked = 0;

  constructor(link: NatsLink, seal: ClusterSeal, rejections: Rejections) {
    this.#link = link;
    this.#seal = seal;
    this.#rejections = rejections;
  }

  /** `address` is what the engine calls the subject. */
  async ask(
    subject: string,
    address: string,
    payload: Uint8Array,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    signal.throwIfAborted();
    if (this.#waiting.size >= MAX_WAITING) throw tooMany();
    this.#subscribe();
    const sealed = this.#seal.seal(payload, requestContext(subject));
    this.#asked += 1;
    const token = this.#asked.toString(36);
    const aborted = (): void => this.#waiting.get(token)?.reject(signal.reason);
    const answer = new Promise<Uint8Array>((resolve, reject) => {
      this.#waiting.set(token, { context: replyContext(sealed), resolve, reject });
    });
    signal.addEventListener("abort", aborted, { once: true });
    try {
      const reply = `${this.#inbox}.${token}`;
      this.#link.connection.publish(address, sealed, { reply });
      return await this.#link.whileThere(answer);
    } finally {
      this.#waiting.delete(token);
      signal.removeEventListener("abort", aborted);
    }
  }

  #subscribe(): void {
    if (this.#subscribed) return;
    this.#subscribed = true;
    this.#link.subscribe(`${this.#inbox}.*`, ({ subject, data, headers }) => {
      const waiting = this.#waiting.get(subject.slice(this.#inbox.length + 1));
      if (!waiting) return;
      if (data.length === 0 && headers?.code === NO_RESPONDERS) return waiting.reject(nobody());
      const opened = this.#seal.open(data, waiting.context);
      if (opened) waiting.resolve(opened.plaintext);
      else this.#rejections.add("an answer that nobody of the cluster sealed for its request");
    });
  }
}

function nobody(): SealwireError {
  return new SealwireError("NOT_FOUND", "nobody in the cluster is subscribed to this subject");
}

function tooMany(): SealwireError {
  const message = `${MAX_WAITING} requests wait for answers; try again when some are done`;
  return new SealwireError("RATE_LIMITED", message);
}
