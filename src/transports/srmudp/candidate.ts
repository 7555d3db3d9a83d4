import { equalBytes } from "../../bytes/equal.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { randomBytes } from "../../crypto/random.ts";
import { formatProofDatagram, formatSharedKeyDatagram, PROOF_TEXT } from "./greeting-datagrams.ts";
import type { GreetingKey } from "./greeting-key.ts";
import { KEY_BYTES, keepsOwnKey, linkKey, unwrap, wrap, wrappingKey } from "./key-exchange.ts";
import { type Box, boxFor } from "./sealed-box.ts";

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
  readonly #own: GreetingKey;
  readonly #wrapping: Uint8Array;
  readonly #secret: string | Uint8Array | undefined;
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
    own: GreetingKey,
    wrapping: Uint8Array,
    secret: string | Uint8Array | undefined,
  ) {
    this.pem = pem;
    this.from = from;
    this.heardMs = nowMs;
    this.#own = own;
    this.#wrapping = wrapping;
    this.#secret = secret;
    this.#keepsOwn = keepsOwnKey(own.pem, pem);
  }

  /** `undefined` when the text is no public key that we can use. */
  static of(
    pem: string,
    from: Endpoint,
    nowMs: number,
    own: GreetingKey,
    secret: string | Uint8Array | undefined,
  ): Candidate | undefined {
    // The own key: somebody sends back what we have sent.
    if (pem === own.pem) return undefined;
    const wrapping = wrappingKey(own, pem);
    if (wrapping === undefined) return undefined;
    return new Candidate(pem, from, nowMs, own, wrapping, secret);
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
      this.#own.pem,
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

  /** Says in the agreed key that it was understood. */
  proof(): Uint8Array | undefined {
    const sealed = this.box()?.seal(randomBytes(16), PROOF_TEXT);
    return sealed && formatProofDatagram(sealed);
  }

  /** Whether this proves that the peer has the key which we have offered, and the secret. */
  proves(box: Uint8Array): boolean {
    if (this.adopted || !this.offered) return false;
    const text = this.box()?.open(box);
    return text !== undefined && equalBytes(text, PROOF_TEXT);
  }

  /** What seals packets, as far as it is known. */
  box(): Box | undefined {
    const sessionKey = this.#adopted ?? (this.offered ? this.#offer : undefined);
    if (sessionKey === undefined) return undefined;
    this.#box ??= boxFor(linkKey(sessionKey, this.#secret, this.#own.pem, this.pem));
    return this.#box;
  }
}
