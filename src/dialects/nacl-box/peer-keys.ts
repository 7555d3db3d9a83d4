import type { BoxCrypto } from "../../crypto/box.ts";
import { malformed } from "./errors.ts";
import { Nonces } from "./nonces.ts";

/** What is known of the holder of one public key. */
export interface PeerKey {
  /** The public key, as something to look up by. */
  readonly name: string;
  readonly boxKey: Uint8Array;
  /** Absent where nobody asked for protection against repetition. */
  readonly nonces: Nonces | undefined;
}

/** Keys that are remembered; each costs some hundred bytes beside its nonces. */
const MAX_KEYS = 10_000;
/** Nonces that all of them may have together: some 80 MiB. */
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
  /** Sessions bring the same array each time, and making a name of it costs. */
  readonly #names = new WeakMap<Uint8Array, string>();
  #latest: PeerKey | undefined;
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
    const name = this.#nameOf(publicKey);
    return this.#kept.get(name) ?? this.#agree(name, publicKey);
  }

  /**
   * A box of this peer has opened. Only now the peer is kept: whoever merely names keys can push
   * nobody out.
   *
   * @throws `PROTOCOL_VIOLATION` when the nonce was used before
   */
  opened(peer: PeerKey, nonce: Uint8Array): void {
    const kept = this.#keep(peer);
    const before = kept.nonces?.size ?? 0;
    const fresh = kept.nonces?.use(nonce) ?? true;
    this.#nonces += (kept.nonces?.size ?? 0) - before;
    this.#forget();
    if (!fresh) throw malformed(REPEATED);
  }

  #nameOf(publicKey: Uint8Array): string {
    const known = this.#names.get(publicKey);
    if (known !== undefined) return known;
    const name = String.fromCharCode(...publicKey);
    this.#names.set(publicKey, name);
    return name;
  }

  #agree(name: string, publicKey: Uint8Array): PeerKey {
    const nonces = this.#window === false ? undefined : new Nonces(this.#window);
    try {
      return { name, nonces, boxKey: this.#crypto.boxKey(publicKey, this.#secretKey) };
    } catch {
      throw malformed("Unexpected library error");
    }
  }

  /** The last in the map is the last that was heard. */
  #keep(peer: PeerKey): PeerKey {
    if (peer === this.#latest) return peer;
    const kept = this.#kept.get(peer.name) ?? peer;
    this.#kept.delete(peer.name);
    this.#kept.set(peer.name, kept);
    this.#latest = kept;
    return kept;
  }

  #forget(): void {
    // Before the oldest is looked for: a map finds it behind all that were deleted.
    if (this.#fits()) return;
    for (const [name, peer] of this.#kept) {
      if (this.#fits() || this.#kept.size === 1) return;
      this.#kept.delete(name);
      this.#nonces -= peer.nonces?.size ?? 0;
    }
  }

  #fits(): boolean {
    return this.#kept.size <= MAX_KEYS && this.#nonces <= MAX_NONCES;
  }
}

const REPEATED = "this envelope was sent before: seal each call anew, with a fresh random nonce";
