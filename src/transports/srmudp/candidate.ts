import { equalBytes } from "../../bytes/equal.ts";
import { join } from "../../bytes/join.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { randomBytes } from "../../crypto/random.ts";
import { formatProofDatagram, formatSharedKeyDatagram, PROOF_TEXT } from "./greeting-datagrams.ts";
import type { GreetingKey } from "./greeting-key.ts";
import {
  KEY_BYTES,
  keepsOwnKey,
  linkKey,
  sha256,
  unwrap,
  wrap,
  wrappingKey,
} from "./key-exchange.ts";
import { type Box, boxFor } from "./sealed-box.ts";

/** With what a candidate is greeted. */
export interface CandidateOptions {
  readonly key: GreetingKey;
  readonly secret?: string | Uint8Array | undefined;
  /**
   * Both ends keep their keys, so that an old session key, recorded with everything it sealed,
   * could be brought again: the key of the session is made of one of each side.
   */
  readonly mutual?: boolean | undefined;
}

/** What was agreed so far with the holder of one public key, who may or may not be the peer. */
export class Candidate {
  readonly pem: string;
  /** Where it was heard last: answers go there. */
  from: Endpoint;
  heardMs: number;
  answeredMs: number = Number.NEGATIVE_INFINITY;
  /** When we first said that we have taken its session key. */
  adoptedMs: number | undefined;
  /** It belongs to an earlier session: what it says may have been recorded then. */
  retired = false;
  readonly #wrapping: Uint8Array;
  readonly #options: CandidateOptions;
  readonly #keepsOwn: boolean;
  /** One for each public key of a peer, however often it asks: several would race each other. */
  readonly #offer = randomBytes(KEY_BYTES);
  readonly #offered: { datagram?: Uint8Array } = {};
  #adopted: Uint8Array | undefined;
  #box: Box | undefined;

  private constructor(
    pem: string,
    from: Endpoint,
    nowMs: number,
    options: CandidateOptions,
    wrapping: Uint8Array,
  ) {
    this.pem = pem;
    this.from = from;
    this.heardMs = nowMs;
    this.#options = options;
    this.#wrapping = wrapping;
    this.#keepsOwn = !options.mutual && keepsOwnKey(options.key.pem, pem);
  }

  /** `undefined` when the text is no public key that we can use. */
  static of(
    pem: string,
    from: Endpoint,
    nowMs: number,
    options: CandidateOptions,
  ): Candidate | undefined {
    // The own key: somebody sends back what we have sent.
    if (pem === options.key.pem) return undefined;
    const wrapping = wrappingKey(options.key, pem);
    if (wrapping === undefined) return undefined;
    return new Candidate(pem, from, nowMs, options, wrapping);
  }

  /** Each side gives a part of the key. */
  get mutual(): boolean {
    return this.#options.mutual === true;
  }

  get adopted(): boolean {
    return this.#adopted !== undefined;
  }

  get offered(): boolean {
    return this.#offered.datagram !== undefined;
  }

  /** Our session key for this peer, always in the same bytes. */
  offer(): Uint8Array {
    this.#offered.datagram ??= formatSharedKeyDatagram(
      this.#options.key.pem,
      wrap(this.#wrapping, this.#offer),
    );
    return this.#offered.datagram;
  }

  /** Whether the peer has to take our key, because both have offered one and ours counts. */
  get keepsOwn(): boolean {
    return this.offered && this.#keepsOwn;
  }

  /** Takes the peer's session key; the last one counts. Says whether it could be read. */
  adopt(wrapped: Uint8Array): "new" | "same" | undefined {
    const sessionKey = unwrap(this.#wrapping, wrapped);
    if (sessionKey === undefined) return undefined;
    if (this.#adopted !== undefined && equalBytes(this.#adopted, sessionKey)) return "same";
    this.#adopted = sessionKey;
    this.#box = undefined;
    return "new";
  }

  /** What to say now, and to say again until it is answered. */
  words(): readonly Uint8Array[] {
    const proof = this.adopted ? this.proof() : undefined;
    if (proof === undefined) return [this.offer()];
    return this.#options.mutual ? [this.offer(), proof] : [proof];
  }

  /** Says in the agreed key that it was understood. */
  proof(): Uint8Array | undefined {
    const sealed = this.box()?.seal(randomBytes(16), PROOF_TEXT);
    return sealed && formatProofDatagram(sealed);
  }

  /** Whether this proves that the peer has the key which we have offered, and the secret. */
  proves(box: Uint8Array): boolean {
    if (this.adopted && !this.#options.mutual) return false;
    const text = this.box()?.open(box);
    return text !== undefined && equalBytes(text, PROOF_TEXT);
  }

  /** What seals packets, as far as it is known. */
  box(): Box | undefined {
    const sessionKey = this.#sessionKey();
    if (sessionKey === undefined) return undefined;
    const { secret, key } = this.#options;
    this.#box ??= boxFor(linkKey(sessionKey, secret, key.pem, this.pem));
    return this.#box;
  }

  #sessionKey(): Uint8Array | undefined {
    const offered = this.offered ? this.#offer : undefined;
    if (!this.#options.mutual) return this.#adopted ?? offered;
    if (offered === undefined || this.#adopted === undefined) return undefined;
    return sha256(join([offered, this.#adopted].sort(Buffer.compare)));
  }
}
