import type { Msg, MsgHdrs } from "@nats-io/transport-node";
import { encodeHex } from "../../bytes/text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { randomBytes } from "../../crypto/random.ts";
import type { NatsLink } from "./nats-link.ts";

/** Questions that may wait for their answers; one more is refused. */
const MAX_WAITING = 100_000;
/** NATS says so when nobody is subscribed. */
const NO_RESPONDERS = 503;

/** How one question is asked. */
export interface Question<Answer> {
  /** What the engine calls the subject. */
  readonly address: string;
  readonly payload: Uint8Array;
  readonly headers?: MsgHdrs;
  readonly signal: AbortSignal;
  /** The answer in a message; `undefined` for none, which is waited for on. @throws what it tells */
  readonly read: (message: Msg) => Answer | undefined;
  /** What is thrown when nobody is there to answer. */
  readonly nobody: () => Error;
}

interface Waiting {
  take(message: Msg): void;
  reject(error: unknown): void;
}

/** Questions to the engine, or over it: one place for all answers, and no timer of their own. */
export class AskedMessages {
  readonly #link: NatsLink;
  readonly #inbox: string = `_INBOX.${encodeHex(randomBytes(12))}`;
  readonly #waiting = new Map<string, Waiting>();
  #subscribed = false;
  #asked = 0;

  constructor(link: NatsLink) {
    this.#link = link;
  }

  /** @throws `UNAVAILABLE` when the engine is lost meanwhile; the reason of the signal */
  async ask<Answer>(question: Question<Answer>): Promise<Answer> {
    const { signal, address, payload, headers } = question;
    signal.throwIfAborted();
    if (this.#waiting.size >= MAX_WAITING) throw tooMany();
    this.#subscribe();
    this.#asked += 1;
    const token = this.#asked.toString(36);
    const aborted = (): void => this.#waiting.get(token)?.reject(signal.reason);
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(token, { take: (message) => settle(question, message, resolve), reject });
    });
    signal.addEventListener("abort", aborted, { once: true });
    try {
      const reply = `${this.#inbox}.${token}`;
      this.#link.publish(address, payload, { reply, ...(headers && { headers }) });
      return await this.#link.whileThere(answer);
    } finally {
      this.#waiting.delete(token);
      signal.removeEventListener("abort", aborted);
    }
  }

  #subscribe(): void {
    if (this.#subscribed) return;
    this.#subscribed = true;
    this.#link.subscribe(`${this.#inbox}.*`, (message) => {
      const waiting = this.#waiting.get(message.subject.slice(this.#inbox.length + 1));
      if (!waiting) return;
      try {
        waiting.take(message);
      } catch (thrown) {
        waiting.reject(thrown);
      }
    });
  }
}

function settle<Answer>(
  { read, nobody }: Question<Answer>,
  message: Msg,
  resolve: (answer: Answer) => void,
): void {
  const { data, headers } = message;
  if (data.length === 0 && headers?.code === NO_RESPONDERS) throw nobody();
  const answer = read(message);
  if (answer !== undefined) resolve(answer);
}

function tooMany(): SealwireError {
  const message = `${MAX_WAITING} requests wait for answers; try again when some are done`;
  return new SealwireError("RATE_LIMITED", message);
}
