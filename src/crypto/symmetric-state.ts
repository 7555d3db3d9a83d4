import { join } from "../bytes/join.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import { CipherState } from "./cipher-state.ts";
import { hkdf } from "./derive.ts";
import { type CryptoProvider, HASH_BYTES, TAG_BYTES } from "./provider.ts";

/**
 * What a handshake remembers of everything said so far: a chaining key made from all secrets and
 * a hash of all bytes (Noise revision 34, section 5.2).
 */
export class SymmetricState {
  readonly #provider: CryptoProvider;
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #cipher: CipherState | undefined;

  constructor(provider: CryptoProvider, protocolName: string) {
    this.#provider = provider;
    const name = encodeUtf8(protocolName);
    this.#hash = name.length > HASH_BYTES ? provider.sha256(name) : padded(name);
    this.#chainingKey = this.#hash.slice();
  }

  /** Whether payloads are sealed by now. */
  get sealed(): boolean {
    return this.#cipher !== undefined;
  }

  get hash(): Uint8Array {
    return this.#hash;
  }

  get chainingKey(): Uint8Array {
    return this.#chainingKey;
  }

  mixKey(material: Uint8Array): void {
    const [chainingKey, key] = this.#derive(material, 2);
    this.#replaceChainingKey(chainingKey);
    this.#setCipherKey(key);
  }

  mixHash(data: Uint8Array): void {
    this.#hash = this.#provider.sha256(join([this.#hash, data]));
  }

  mixKeyAndHash(material: Uint8Array): void {
    const [chainingKey, hashed, key] = this.#derive(material, 3);
    this.#replaceChainingKey(chainingKey);
    this.mixHash(hashed);
    this.#setCipherKey(key);
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const cipher = this.#cipher;
    const out = new Uint8Array(plaintext.length + (cipher === undefined ? 0 : TAG_BYTES));
    if (cipher === undefined) out.set(plaintext);
    else cipher.seal(this.#hash, plaintext, out);
    this.mixHash(out);
    return out;
  }

  decryptAndHash(sealed: Uint8Array): Uint8Array {
    const cipher = this.#cipher;
    if (cipher === undefined) {
      this.mixHash(sealed);
      return new Uint8Array(sealed);
    }
    const out = new Uint8Array(Math.max(0, sealed.length - TAG_BYTES));
    cipher.open(this.#hash, sealed, out);
    this.mixHash(sealed);
    return out;
  }

  /** The ciphers of the two directions, the initiator's first. */
  split(): readonly [CipherState, CipherState] {
    const [first, second] = this.#derive(NOTHING, 2);
    return [new CipherState(this.#provider, first), new CipherState(this.#provider, second)];
  }

  wipe(): void {
    this.#chainingKey.fill(0);
    this.#cipher?.wipe();
  }

  /** Noise's HKDF is the one of RFC 5869 without `info` (section 4.3). */
  #derive(material: Uint8Array, outputs: 2 | 3): readonly [Uint8Array, Uint8Array, Uint8Array] {
    const all = hkdf(this.#provider, {
      salt: this.#chainingKey,
      key: material,
      bytes: outputs * HASH_BYTES,
    });
    const part = (index: number) => all.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    const parts = [part(0), part(1), part(2)] as const;
    all.fill(0);
    return parts;
  }

  #replaceChainingKey(chainingKey: Uint8Array): void {
    this.#chainingKey.fill(0);
    this.#chainingKey = chainingKey;
  }

  #setCipherKey(key: Uint8Array): void {
    if (this.#cipher === undefined) this.#cipher = new CipherState(this.#provider, key);
    else this.#cipher.setKey(key);
  }
}

const NOTHING: Uint8Array = new Uint8Array();

function padded(name: Uint8Array): Uint8Array {
  const hash = new Uint8Array(HASH_BYTES);
  hash.set(name);
  return hash;
}
