import type { Clock } from "../../core/contracts/clock.ts";
import { weightOf } from "../../core/engine/weight.ts";
import { type ErrorCode, SealwireError } from "../../core/model/errors.ts";
import type { RoomAnswers, RoomSilence } from "./room-item.ts";

/** A question on its way. */
export interface Asking {
  /** The members that shall answer, by id. */
  readonly members: readonly string[];
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** How one member answered. */
export type Answer =
  | { readonly value: unknown }
  | { readonly failure: { readonly code: ErrorCode; readonly message: string } };

/** The questions that wait for answers of members. */
export class Asks {
  readonly #clock: Clock;
  readonly #open = new Map<number, OpenAsk>();
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when all have answered, have left, or the time is up; `hear` is told of each answer at
   * once. @throws why the signal aborts
   */
  open(
    asking: Asking,
    hear: (member: string, answer: Answer) => void = () => {},
  ): { readonly id: number; readonly answers: Promise<RoomAnswers> } {
    this.#lastId += 1;
    const id = this.#lastId;
    const ask = new OpenAsk(asking, hear);
    if (ask.done) return { id, answers: ask.answers };
    this.#open.set(id, ask);
    const cancel = this.#clock.after(asking.timeoutMs, () => ask.end(LATE));
    const abort = (): void => ask.fail(asking.signal?.reason);
    asking.signal?.addEventListener("abort", abort);
    if (asking.signal?.aborted) abort();
    const over = (): void => {
      cancel();
      asking.signal?.removeEventListener("abort", abort);
      this.#open.delete(id);
    };
    ask.answers.then(over, over);
    return { id, answers: ask.answers };
  }

  /** A member answers; `false` for a question that it was not asked, or not any more. */
  answer(id: number, member: string, answer: Answer): boolean {
    return this.#open.get(id)?.take(member, answer) ?? false;
  }

  /** A member has left: nobody waits for it. */
  left(member: string): void {
    for (const ask of this.#open.values()) ask.take(member, { failure: GONE });
  }

  /** Ends all of them. */
  close(): void {
    for (const ask of this.#open.values()) ask.end(GONE);
  }
}

type Failure = Omit<RoomSilence, "member">;

const LATE: Failure = { code: "DEADLINE_EXCEEDED", message: "gave no answer in time" };
const GONE: Failure = { code: "UNAVAILABLE", message: "has left the room" };
const LARGE: Failure = { code: "TOO_LARGE", message: "the answers take too many bytes together" };

class OpenAsk {
  readonly answers: Promise<RoomAnswers>;
  readonly #expected: Set<string>;
  readonly #given: { readonly member: string; readonly value: unknown }[] = [];
  readonly #failed: RoomSilence[] = [];
  readonly #hear: (member: string, answer: Answer) => void;
  #leftBytes: number;
  #resolve: (answers: RoomAnswers) => void = () => {};
  #reject: (error: SealwireError) => void = () => {};

  constructor({ members, maxBytes }: Asking, hear: (member: string, answer: Answer) => void) {
    this.#hear = hear;
    this.#expected = new Set(members);
    this.#leftBytes = maxBytes;
    this.answers = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (this.done) this.#finish();
  }

  get done(): boolean {
    return this.#expected.size === 0;
  }

  take(member: string, answer: Answer): boolean {
    if (!this.#expected.delete(member)) return false;
    this.#hear(member, answer);
    if ("failure" in answer) this.#failed.push({ member, ...answer.failure });
    else this.#keep(member, answer.value);
    if (this.done) this.#finish();
    return true;
  }

  /** Whoever has not answered yet will not. */
  end(why: Failure): void {
    for (const member of this.#expected) this.#failed.push({ member, ...why });
    this.#expected.clear();
    this.#finish();
  }

  fail(reason: unknown): void {
    this.#expected.clear();
    this.#reject(SealwireError.from(reason, "CANCELLED"));
  }

  #keep(member: string, value: unknown): void {
    const bytes = weightOf(value);
    if (bytes > this.#leftBytes) {
      this.#failed.push({ member, ...LARGE });
      return;
    }
    this.#leftBytes -= bytes;
    this.#given.push({ member, value });
  }

  #finish(): void {
    this.#resolve({ answers: this.#given, failed: this.#failed });
  }
}
