import { equalBytes } from "../../bytes/equal.ts";
import type { Clock } from "../../core/contracts/clock.ts";
import type { SealwireError } from "../../core/model/errors.ts";
import { randomBytes } from "../../crypto/random.ts";
import { ATTEMPT_BYTES, type Opening, type StreamOffer, TOKEN_BYTES } from "./control.ts";
import { COOKIE_LIFE_MS } from "./cookie.ts";

/**
 * Pauses before an unanswered question is asked again; the last holds on. There are two questions, and
 * of each a bad network loses every fifth: at first they are asked often.
 */
const REPEAT_MS: readonly number[] = [150, 200, 300, 500, 1_000];
/** After half of its life a cookie is asked for anew. */
const COOKIE_FRESH_MS = COOKIE_LIFE_MS / 2;

/** What the opening side needs. */
export interface DialOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The number of the stream at our side. */
  readonly stream: number;
  readonly send: (opening: Opening) => void;
  /** What is said when nobody answers, and when the other side refuses. */
  readonly unanswered: () => SealwireError;
  readonly refused: () => SealwireError;
}

/** What came out of an opening: the offers of both sides. */
export interface Dialled {
  readonly ours: StreamOffer;
  readonly theirs: StreamOffer;
}

/**
 * The opening side: asks for a cookie, returns it with its offer, and takes the offer of the other
 * side. Repeats what is lost; what is doubled, late or foreign changes nothing.
 */
export class Dial {
  readonly result: Promise<Dialled>;
  readonly #options: DialOptions;
  readonly #ours: StreamOffer;
  #settle: { resolve(dialled: Dialled): void; reject(error: Error): void } | undefined;
  #cookie: { readonly bytes: Uint8Array; readonly untilMs: number } | undefined;
  #tries = 0;
  #cancelRepeat: (() => void) | undefined;
  readonly #cancelTimeout: () => void;

  constructor(options: DialOptions) {
    this.#options = options;
    const { stream, clock, timeoutMs, unanswered } = options;
    this.#ours = { attempt: randomBytes(ATTEMPT_BYTES), stream, token: randomBytes(TOKEN_BYTES) };
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#cancelTimeout = clock.after(timeoutMs, () => this.fail(unanswered()));
    this.#ask();
  }

  /** Names this opening. */
  get attempt(): Uint8Array {
    return this.#ours.attempt;
  }

  /** Whether this is an answer to this opening; returns whether it had an effect. */
  receive(opening: Opening): boolean {
    if (!equalBytes(opening.attempt, this.#ours.attempt) || this.#settle === undefined)
      return false;
    if (opening.kind === "challenge") return this.#takeCookie(opening.cookie);
    if (opening.kind === "refuse") return this.fail(this.#options.refused());
    if (opening.kind !== "accept" || opening.stream === 0 || !this.#cookie) return false;
    this.#end()?.resolve({ ours: this.#ours, theirs: opening });
    return true;
  }

  /** Gives up. */
  fail(error: Error): boolean {
    this.#end()?.reject(error);
    return true;
  }

  #takeCookie(bytes: Uint8Array): boolean {
    const nowMs = this.#options.clock.now();
    if (this.#cookie !== undefined && nowMs < this.#cookie.untilMs) return false;
    this.#cookie = { bytes, untilMs: nowMs + COOKIE_FRESH_MS };
    this.#tries = 0;
    this.#ask();
    return true;
  }

  #ask(): void {
    const { clock, send } = this.#options;
    const cookie = this.#cookie;
    this.#cancelRepeat?.();
    if (cookie === undefined || clock.now() >= cookie.untilMs) {
      send({ kind: "hello", attempt: this.#ours.attempt });
    } else {
      send({ kind: "open", ...this.#ours, cookie: cookie.bytes });
    }
    const pauseMs = REPEAT_MS[Math.min(this.#tries, REPEAT_MS.length - 1)] ?? 1_000;
    this.#tries += 1;
    this.#cancelRepeat = clock.after(pauseMs, () => this.#ask());
  }

  #end() {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#cancelRepeat?.();
    this.#cancelTimeout();
    return settle;
  }
}
