import { encodeHex } from "../../bytes/text.ts";
import type { Clock } from "../../core/contracts/clock.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { endpointText } from "../../core/engine/endpoint-text.ts";
import { randomBytes } from "../../crypto/random.ts";
import type { Opening, StreamOffer } from "./control.ts";
import { TOKEN_BYTES } from "./control.ts";
import { COOKIE_LIFE_MS, type Cookies } from "./cookie.ts";

/** What the admitting side needs. */
export interface AdmissionOptions {
  readonly clock: Clock;
  readonly cookies: Cookies;
  /** Openings that are remembered, so that a repeated one is not a second channel. */
  readonly maxRemembered: number;
  /** Makes the channel and gives the number of its stream; `undefined`: too many are there. */
  readonly admit: (theirs: StreamOffer, token: Uint8Array, from: Endpoint) => number | undefined;
  readonly count: (kind: "forged" | "stale" | "refused") => void;
}

/**
 * The admitting side. Keeps nothing of somebody who has not yet returned a cookie, and answers
 * nobody with more bytes than he sent.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #answers = new Map<string, { readonly answer: Opening; readonly untilMs: number }>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** What to send back, if anything. */
  answer(opening: Opening, from: Endpoint): Opening | undefined {
    if (opening.kind === "hello") return this.#challenge(opening.attempt, from);
    if (opening.kind === "open") return this.#open(opening, from);
    this.#options.count("stale");
    return undefined;
  }

  #challenge(attempt: Uint8Array, from: Endpoint): Opening {
    return { kind: "challenge", attempt, cookie: this.#options.cookies.bake(attempt, from) };
  }

  #open(opening: Opening & { readonly kind: "open" }, from: Endpoint): Opening | undefined {
    const { attempt, cookie } = opening;
    if (opening.stream === 0 || !this.#options.cookies.holds(cookie, attempt, from)) {
      this.#options.count("forged");
      return undefined;
    }
    this.#forget();
    const key = `${encodeHex(attempt)} ${endpointText(from)}`;
    const known = this.#answers.get(key);
    if (known !== undefined) {
      this.#options.count("stale");
      return known.answer;
    }
    if (this.#answers.size >= this.#options.maxRemembered) return this.#refuse(attempt);
    return this.#remember(key, this.#admit(opening, from));
  }

  #admit(theirs: StreamOffer, from: Endpoint): Opening {
    const token = randomBytes(TOKEN_BYTES);
    const stream = this.#options.admit(theirs, token, from);
    if (stream === undefined) return this.#refuse(theirs.attempt);
    return { kind: "accept", attempt: theirs.attempt, stream, token };
  }

  #refuse(attempt: Uint8Array): Opening {
    this.#options.count("refused");
    return { kind: "refuse", attempt };
  }

  /** As long as the cookie of a repeated opening would hold, and a second more for rounding. */
  #remember(key: string, answer: Opening): Opening {
    const untilMs = this.#options.clock.now() + COOKIE_LIFE_MS + 1_000;
    this.#answers.set(key, { answer, untilMs });
    return answer;
  }

  /** Answers lie in the order of their ends, so the old ones are in front. */
  #forget(): void {
    const nowMs = this.#options.clock.now();
    for (const [key, { untilMs }] of this.#answers) {
      if (untilMs > nowMs) return;
      this.#answers.delete(key);
    }
  }
}
