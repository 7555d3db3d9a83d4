import type { BoxCrypto } from "../../crypto/box.ts";
import { malformed } from "./errors.ts";
import { Nonces } from "./nonces.ts";

/** What is known of the holder of one public key. */
export interface PeerKey {
  readonly boxKey: Uint8Array;
  /** Absent where nobody asked for protection against repetition. */
  readonly nonces: Nonces | undefined;
}

/** Keys that are remembered; each costs some hundred bytes beside its nonces. */
const MAX_KEYS = 10_000;
/** Nonces that all of them may have together: some 70 MiB. */
const MAX_NONCES = 1_000_000;

/**
 * The keys shared with peers, agreed once for each, and the nonces they have used: of the peers
 * that were heard last. Connections have no part in it, because an envelope that was recorded may
 * come back on any.
 */
export class PeerKeys {
  readonly #crypto: BoxCrypto;
  readonly #secretKey: Uint8Array;
  readonly #window: number | false;
  readonly #kept = new Map<string, PeerKey>();
  #nonces = 0;

  constructor(crypto: BoxCrypto, secretKey: Uint8Array, window: number | false) {
    this.#crypto = crypto;
    this.#secretKey = secretKey;
    this.#window = window;
  }

  /** How many peers are remembered. */
  get size(): number {
    return this.#kept.size;
  }

  /** @throws `PROTOCOL_VIOLATION` for a key of low order, in PyNaCl's words */
  find(publicKey: Uint8Array): PeerKey {
    const known = this.#kept.get(nameOf(publicKey));
    if (known) return known;
    const nonces = this.#window === false ? undefined : new Nonces(this.#window);
    try {
      return { boxKey: this.#crypto.boxKey(publicKey, this.#secretKey), nonces };
    } catch {
      throw malformed("Unexpected library error");
    }
  }

  /**
   * A box of this peer has opened. Only now the peer is kept: whoever merely names keys can push
   * nobody out.
   *
   * @throws `PROTOCOL_VIOLATION` when the nonce was used before
   */
  opened(publicKey: Uint8Array, peer: PeerKey, nonce: Uint8Array): void {
    const name = nameOf(publicKey);
    const before = peer.nonces?.size ?? 0;
    const fresh = peer.nonces?.use(nonce) ?? true;
    const known = this.#kept.delete(name);
    this.#kept.set(name, peer);
    this.#nonces += (peer.nonces?.size ?? 0) - (known ? before : 0);
    this.#forget();
    if (!fresh) throw malformed(REPEATED);
  }

  #forget(): void {
    for (const [name, peer] of this.#kept) {
      const fits = this.#kept.size <= MAX_KEYS && this.#nonces <= MAX_NONCES;
      if (fits || this.#kept.size === 1) return;
      this.#kept.delete(name);
      this.#nonces -= peer.nonces?.size ?? 0;
    }
  }
}

const REPEATED = "this envelope was sent before: seal each call anew, with a fresh random nonce";

function nameOf(publicKey: Uint8Array): string {
  return String.fromCharCode(...publicKey);
}
