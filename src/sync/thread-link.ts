import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { SealwireError } from "../core/model/errors.ts";
import {
  ANSWERS,
  type Answer,
  ENDED,
  type Numbered,
  type Question,
  type Remark,
  SIGNS,
  type ThreadStart,
} from "./thread-messages.ts";

/**
 * The waiting end: asks the thread that holds the connection and sleeps until it has answered,
 * time is up, or that thread is dead.
 */
export class ThreadLink {
  readonly #port: MessagePort;
  readonly #cells: Int32Array;
  #lastId = 0;
  /** The question whose wait did not come to its end: Ctrl-C in the REPL stops it anywhere. */
  #unanswered: number | undefined;
  #over: SealwireError | undefined;
  readonly #patience: Patience;

  constructor({ port, cells }: ThreadStart, patience: Patience = PATIENCE) {
    this.#port = port;
    this.#cells = cells;
    this.#patience = patience;
  }

  /**
   * Blocks until the answer is there.
   *
   * @throws what went wrong on the other thread; `DEADLINE_EXCEEDED` after `limitMs`;
   * `UNAVAILABLE` when the thread has ended; `INVALID_ARGUMENT` for values that cannot go there
   */
  ask(question: Question, limitMs: number): Exclude<Answer, { readonly kind: "failed" }> {
    if (this.#over) throw this.#over;
    this.#cancelUnanswered();
    const id = ++this.#lastId;
    this.#post({ ...question, id });
    this.#unanswered = id;
    const answer = this.#wait(id, limitMs);
    this.#unanswered = undefined;
    if (answer.kind === "failed") throw SealwireError.fromFailure(answer.failure);
    return answer;
  }

  /** Says something that has no answer. */
  remark(remark: Remark): void {
    if (!this.#over) this.#post(remark);
  }

  /** Nothing can be asked any more; the first reason stays. */
  end(error: SealwireError): SealwireError {
    this.#over ??= error;
    this.#port.close();
    return this.#over;
  }

  #post(message: Numbered<Question> | Remark): void {
    try {
      this.#port.postMessage(message);
    } catch (cause) {
      throw notPlain(cause);
    }
  }

  #cancelUnanswered(): void {
    if (this.#unanswered === undefined) return;
    this.#post({ kind: "cancel", id: this.#unanswered });
    this.#unanswered = undefined;
  }

  #wait(id: number, limitMs: number): Answer {
    const until = performance.now() + limitMs;
    let signs = Atomics.load(this.#cells, SIGNS);
    let silentProbes = 0;
    for (;;) {
      // In this order no answer is overlooked: it is posted before the cells change.
      const seen = Atomics.load(this.#cells, ANSWERS);
      const ended = Atomics.load(this.#cells, ENDED) === 1;
      const answer = this.#received(id);
      if (answer) return answer;
      if (ended || silentProbes > this.#patience.probes) throw this.end(threadEnded());
      const leftMs = until - performance.now();
      if (leftMs <= 0) throw this.#late(limitMs);
      const woken = Atomics.wait(
        this.#cells,
        ANSWERS,
        seen,
        Math.min(leftMs, this.#patience.probeMs),
      );
      if (woken !== "timed-out") continue;
      const alive = Atomics.load(this.#cells, SIGNS) !== signs;
      signs = Atomics.load(this.#cells, SIGNS);
      silentProbes = alive ? 0 : silentProbes + 1;
      this.#post({ kind: "probe" });
    }
  }

  /** The answer of this question; those of questions that nobody waits for any more fall. */
  #received(id: number): Answer | undefined {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (!received) return undefined;
      // Only our own thread has the other end of this port.
      const answer = received.message as Numbered<Answer>;
      if (answer.id === id) return answer;
    }
  }

  #late(limitMs: number): SealwireError {
    this.#cancelUnanswered();
    return new SealwireError("DEADLINE_EXCEEDED", `there was no answer within ${limitMs} ms`);
  }
}

/** When a thread that does not answer is taken for dead. */
export interface Patience {
  /** How often it is asked for a sign of life. */
  readonly probeMs: number;
  /** So many unanswered: not by the clock, because a machine that slept has not waited. */
  readonly probes: number;
}

const PATIENCE: Patience = Object.freeze({ probeMs: 1_000, probes: 20 });

/** The thread that holds the connection is gone. */
export function threadEnded(cause?: unknown): SealwireError {
  const message = "the thread that held the connection has ended: connect anew";
  return new SealwireError("UNAVAILABLE", message, { cause });
}

function notPlain(cause: unknown): SealwireError {
  const message =
    "synchronous clients take plain values: functions, symbols and objects that hold them " +
    "cannot go to the thread of the connection";
  return new SealwireError("INVALID_ARGUMENT", message, { cause });
}
