import type { Client } from "../client/client.ts";
import { isStream } from "../core/engine/streams.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { SyncClientOptions } from "./options.ts";
import type { Answer, Numbered, Question, Remark } from "./thread-messages.ts";

/** What the answering end needs of its thread. */
export interface AnswererParts {
  connect(address: string, options: SyncClientOptions): Promise<AnsweringClient>;
  /** Resolves when what was said has left this thread. */
  handedOver(): Promise<unknown>;
  /** Hands an answer over and wakes whoever waits. @throws for values that cannot be handed over */
  answer(answer: Numbered<Answer>): void;
  /** Shows that this thread is alive. */
  sign(): void;
}

/** The part of a client that is used here. */
export type AnsweringClient = Pick<Client, "call" | "emit" | "ping" | "close">;

/** The answering end: holds the connection and does with it what the waiting thread asks. */
export class Answerer {
  readonly #parts: AnswererParts;
  #client: AnsweringClient | undefined;
  readonly #running = new Map<number, AbortController>();
  readonly #streams = new Map<number, AsyncIterator<unknown>>();

  constructor(parts: AnswererParts) {
    this.#parts = parts;
  }

  /** Takes what the waiting thread says. Never rejects. */
  async receive(said: Numbered<Question> | Remark): Promise<void> {
    if (said.kind === "probe") this.#parts.sign();
    else if (said.kind === "leave") this.#leave(said.stream);
    else if (said.kind === "cancel") {
      this.#running.get(said.id)?.abort();
      // It may have become a stream just when the other side gave up.
      this.#leave(said.id);
    } else await this.#answer(said);
  }

  /** Nobody asks any more. */
  async close(): Promise<void> {
    this.#streams.clear();
    await this.#client?.close();
  }

  async #answer(question: Numbered<Question>): Promise<void> {
    const { id } = question;
    const running = new AbortController();
    this.#running.set(id, running);
    try {
      this.#parts.answer({ ...(await this.#do(question, running.signal)), id });
    } catch (thrown) {
      this.#parts.answer({ kind: "failed", failure: failureOf(thrown), id });
    } finally {
      this.#running.delete(id);
    }
  }

  async #do(question: Numbered<Question>, signal: AbortSignal): Promise<Answer> {
    switch (question.kind) {
      case "open":
        this.#client = await this.#parts.connect(question.address, question.options);
        return DONE;
      case "call": {
        const { procedure, args, options } = question;
        const value = await this.#open.call(procedure, args, { ...options, signal });
        return isStream(value) ? this.#begin(question.id, value) : { kind: "value", value };
      }
      case "emit":
        await this.#open.emit(question.name, question.data);
        await this.#parts.handedOver();
        return DONE;
      case "ping":
        return { kind: "value", value: await this.#open.ping({ ...question.options, signal }) };
      case "next":
        return this.#next(question.stream);
      case "close":
        await this.close();
        return DONE;
    }
  }

  get #open(): AnsweringClient {
    if (this.#client) return this.#client;
    throw new SealwireError("UNAVAILABLE", "the connection is not open yet");
  }

  /** A stream goes by the number of the question that began it. */
  #begin(stream: number, items: AsyncIterable<unknown>): Answer {
    const iterator = items[Symbol.asyncIterator]();
    if (this.#streams.size >= MAX_STREAMS) {
      leave(iterator);
      throw tooManyStreams();
    }
    this.#streams.set(stream, iterator);
    return { kind: "stream", stream };
  }

  async #next(stream: number): Promise<Answer> {
    const iterator = this.#streams.get(stream);
    if (!iterator) return { kind: "end" };
    const { done, value } = await iterator.next();
    if (!done) return { kind: "value", value };
    this.#streams.delete(stream);
    return { kind: "end" };
  }

  #leave(stream: number): void {
    const iterator = this.#streams.get(stream);
    this.#streams.delete(stream);
    if (iterator) leave(iterator);
  }
}

const DONE: Answer = Object.freeze({ kind: "value", value: undefined });

/** Streams that may be open at once; those that nobody reads to the end hold memory. */
const MAX_STREAMS = 256;

/** Ends the call behind it; that it had failed before matters to nobody. */
function leave(iterator: AsyncIterator<unknown>): void {
  iterator.return?.().catch(() => {});
}

function tooManyStreams(): SealwireError {
  const message = `${MAX_STREAMS} streams are open: read them to their end or leave them first`;
  return new SealwireError("RATE_LIMITED", message);
}

/** A value that no thread can hand to another is the one thing foreign that is thrown here. */
function failureOf(thrown: unknown) {
  if (thrown instanceof SealwireError) return thrown.toFailure();
  const { message } = SealwireError.from(thrown);
  return { code: "UNSUPPORTED", message: `the answer cannot be handed over: ${message}` } as const;
}
