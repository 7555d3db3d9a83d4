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
  /** The answer in a message; `undefined` for none, which is waited for on. @throws what it tells */
  readonly read: (message: Msg) => Answer | undefined;
  /** What is thrown when nobody is there to answer. */
  readonly nobody: () => Error;
}

/** A question that has been asked. */
export interface Asked<Answer> {
  /** Rejects with `UNAVAILABLE` when the engine is lost meanwhile. */
  readonly answer: Promise<Answer>;
  /** The answer is waited for no longer; unless it has come, it rejects with this. */
  giveUp(reason: unknown): void;
}

interface Waiting {
  take(message: Msg): void;
  fail(error: unknown): void;
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
    link.onLost((error) => {
      for (const { fail } of [...this.#waiting.values()]) fail(error);
    });
  }

  /** @throws `UNAVAILABLE` while the engine is gone, `RATE_LIMITED` when too many wait */
  ask<Answer>(question: Question<Answer>): Asked<Answer> {
    const { address, payload, headers } = question;
    this.#link.checkThere();
    if (this.#waiting.size >= MAX_WAITING) throw tooMany();
    this.#subscribe();
    this.#asked += 1;
    const token = this.#asked.toString(36);
    let giveUp: (reason: unknown) => void = () => {};
    const answer = new Promise<Answer>((resolve, reject) => {
      const take = (message: Msg): void => {
        const read = answerIn(question, message);
        if (read === undefined) return;
        this.#waiting.delete(token);
        resolve(read);
      };
      giveUp = (reason) => {
        this.#waiting.delete(token);
        reject(reason);
      };
      this.#waiting.set(token, { take, fail: giveUp });
    });
    const reply = `${this.#inbox}.${token}`;
    this.#link.publish(address, payload, headers ? { reply, headers } : { reply });
    return { answer, giveUp };
  }

  #subscribe(): void {
    if (this.#subscribed) return;
    this.#subscribed = true;
    this.#link.subscribe(`${this.#inbox}.*`, (message) => {
      const waiting = this.#waiting.get(message.subject.slice(this.#inbox.length + 1));
      try {
        waiting?.take(message);
      } catch (thrown) {
        waiting?.fail(thrown);
      }
    });
  }
}

function answerIn<Answer>({ read, nobody }: Question<Answer>, message: Msg): Answer | undefined {
  const { data } = message;
  if (data.length === 0 && message.headers?.code === NO_RESPONDERS) throw nobody();
  return read(message);
}

function tooMany(): SealwireError {
  const message = `${MAX_WAITING} requests wait for answers; try again when some are done`;
  return new SealwireError("RATE_LIMITED", message);
}
