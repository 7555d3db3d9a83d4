import { equalBytes } from "../../bytes/equal.ts";
import { join } from "../../bytes/join.ts";
import { encodeHex, encodeUtf8 } from "../../bytes/text.ts";
import { hkdf } from "../../crypto/derive.ts";
import { type Aead, type CryptoProvider, NONCE_BYTES, TAG_BYTES } from "../../crypto/provider.ts";
import { randomBytes } from "../../crypto/random.ts";
import { secretKey } from "../../crypto/secret-strength.ts";
import type { ClusterKey } from "./options.ts";

/** What was sealed by one who holds a key of the cluster. */
export interface Opened {
  readonly plaintext: Uint8Array;
  /** Stands for the process that sealed it, from its start to its end. */
  readonly origin: string;
  /** How many it had sealed before, and this one. */
  readonly count: number;
  /** Sealed with the key that seals now, not with one that only opens. */
  readonly current: boolean;
}

const VERSION = 1;
const KEY_ID_BYTES = 4;
const SALT_BYTES = 16;
/** Version, key id, salt, count. */
const HEADER_BYTES: number = 1 + KEY_ID_BYTES + SALT_BYTES + 8;
/** Bytes that sealing adds. */
export const SEAL_BYTES: number = HEADER_BYTES + TAG_BYTES;
/** Keys of other processes that are remembered; others are derived again. */
const MAX_ORIGINS = 4_096;
/** Names that are remembered; others are hashed again. */
const MAX_NAMES = 10_000;
const NAME_LENGTH = 32;
const NOTHING: Uint8Array = new Uint8Array();

interface KnownKey {
  readonly id: Uint8Array;
  readonly key: Uint8Array;
  readonly nameKey: Uint8Array;
}

/**
 * Seals what the engine carries. Each process has a key of its own, made of the cluster's key and a
 * random salt (HKDF, RFC 5869), under which it counts its nonces up: no two payloads of a cluster
 * share key and nonce, however many nodes there are and however often they start.
 */
export class ClusterSeal {
  readonly #provider: CryptoProvider;
  readonly #keys: readonly KnownKey[];
  readonly #sealing: Aead;
  readonly #prefix: Uint8Array;
  /** The process that seals here. */
  readonly origin: string;
  readonly #origins = new Map<string, Aead>();
  readonly #names = new Map<string, readonly string[]>();
  #count = 0;

  /** @throws `INVALID_ARGUMENT`, which never shows a key, for one that could be guessed */
  constructor(provider: CryptoProvider, clusterKeys: readonly ClusterKey[]) {
    this.#provider = provider;
    this.#keys = clusterKeys.map((secret) => {
      const key = secretKey(secret, provider);
      const id = hkdf(provider, { key, info: "sealwire/cluster/key id/v1", bytes: KEY_ID_BYTES });
      const nameKey = hkdf(provider, { key, info: "sealwire/cluster/names/v1" });
      return { id, key, nameKey };
    });
    const [first] = this.#keys;
    const salt = randomBytes(SALT_BYTES);
    this.#prefix = join([Uint8Array.of(VERSION), first?.id ?? NOTHING, salt]);
    this.origin = encodeHex(this.#prefix.subarray(1));
    this.#sealing = this.#aeadOf(first?.key ?? NOTHING, salt);
  }

  /** What a name is called in the engine: under the first key, then under the others. */
  names(name: string): readonly string[] {
    const known = this.#names.get(name);
    if (known) return known;
    const names = this.#keys.map(({ nameKey }) => nameUnder(this.#provider, nameKey, name));
    remember(this.#names, name, names, MAX_NAMES);
    return names;
  }

  /** Bound to what `context` says: it opens there and nowhere else. */
  seal(plaintext: Uint8Array, context: string): Uint8Array {
    this.#count += 1;
    const sealed = new Uint8Array(SEAL_BYTES + plaintext.length);
    sealed.set(this.#prefix);
    const view = new DataView(sealed.buffer);
    view.setBigUint64(HEADER_BYTES - 8, BigInt(this.#count));
    const header = sealed.subarray(0, HEADER_BYTES);
    const ad = join([header, encodeUtf8(context)]);
    this.#sealing.seal(nonceOf(header), ad, plaintext, sealed.subarray(HEADER_BYTES));
    return sealed;
  }

  /** `undefined` for what nobody sealed who holds a key of the cluster, or for another context. */
  open(sealed: Uint8Array, context: string): Opened | undefined {
    if (sealed.length < SEAL_BYTES || sealed[0] !== VERSION) return undefined;
    const header = sealed.subarray(0, HEADER_BYTES);
    const origin = encodeHex(header.subarray(1, HEADER_BYTES - 8));
    const aead = this.#origins.get(origin) ?? this.#aeadFor(header);
    if (!aead) return undefined;
    const plaintext = new Uint8Array(sealed.length - SEAL_BYTES);
    try {
      const ad = join([header, encodeUtf8(context)]);
      aead.open(nonceOf(header), ad, sealed.subarray(HEADER_BYTES), plaintext);
    } catch {
      return undefined;
    }
    // Only now: strangers must not push out those who are known.
    remember(this.#origins, origin, aead, MAX_ORIGINS);
    const current = equalBytes(
      header.subarray(1, 1 + KEY_ID_BYTES),
      this.#prefix.subarray(1, 1 + KEY_ID_BYTES),
    );
    return { plaintext, origin, count: ClusterSeal.countOf(header), current };
  }

  /** How many its process had sealed, with this one. */
  static countOf(sealed: Uint8Array): number {
    const view = new DataView(sealed.buffer, sealed.byteOffset);
    return Number(view.getBigUint64(HEADER_BYTES - 8));
  }

  /** What tells this sealed payload from all others of the cluster. */
  static idOf(sealed: Uint8Array): string {
    return encodeHex(sealed.subarray(0, HEADER_BYTES));
  }

  #aeadFor(header: Uint8Array): Aead | undefined {
    const id = header.subarray(1, 1 + KEY_ID_BYTES);
    const known = this.#keys.find((key) => equalBytes(key.id, id));
    return known && this.#aeadOf(known.key, header.subarray(1 + KEY_ID_BYTES, HEADER_BYTES - 8));
  }

  #aeadOf(key: Uint8Array, salt: Uint8Array): Aead {
    const info = "sealwire/cluster/payloads/v1";
    return this.#provider.aead(hkdf(this.#provider, { key, salt, info }));
  }
}

/** A name as the engine sees it: who has no key learns only whether two are the same. */
export function nameUnder(provider: CryptoProvider, nameKey: Uint8Array, name: string): string {
  return encodeHex(provider.hmacSha256(nameKey, encodeUtf8(name))).slice(0, NAME_LENGTH);
}

/** The count, behind zeros to the length of a nonce (RFC 8439, section 2.8). */
function nonceOf(header: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  nonce.set(header.subarray(HEADER_BYTES - 8), NONCE_BYTES - 8);
  return nonce;
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  if (map.has(key)) return;
  const [oldest] = map.size < most ? [] : map.keys();
  if (oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}
