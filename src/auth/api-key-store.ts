import { equalBytes } from "../bytes/equal.ts";
import { encodeHex } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import { formatPublicKey } from "../crypto/format-keys.ts";
import { KEY_BYTES } from "../crypto/provider.ts";
import { type Account, principalOf } from "./account.ts";

/** What a server keeps of an API key or a key pair: nothing that could be used to log in. */
export interface ApiKeyRecord extends Account {
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Names the key in lists and for revocation. @default the public key as text */
  readonly keyId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number | undefined;
}

/** A record and the principal that its holder is. */
export interface FoundKey {
  readonly record: ApiKeyRecord;
  readonly principal: Principal;
}

/** More keys than this are refused: they would not fit into memory well. */
export const MAX_KEYS = 100_000;

/** The keys that a server knows. Revoking one reaches the connections that it opened. */
export class ApiKeyStore {
  readonly #byKey = new Map<string, Entry>();
  readonly #byId = new Map<string, Entry>();

  /** @throws what `add` does */
  constructor(records: readonly ApiKeyRecord[] = []) {
    for (const record of records) this.add(record);
  }

  /** The key's record, unless it is unknown or revoked. Possession must have been proven. */
  find(publicKey: Uint8Array): FoundKey | undefined {
    return this.#byKey.get(encodeHex(publicKey));
  }

  /** All records, in the order they were added. */
  list(): readonly ApiKeyRecord[] {
    return [...this.#byKey.values()].map(({ record }) => record);
  }

  /**
   * @throws `INVALID_ARGUMENT` when the key has no 32 bytes or there are too many;
   *   `ALREADY_EXISTS` when the key or its id is known
   */
  add(record: ApiKeyRecord): void {
    checkRecord(record, this.#byKey.size);
    const [key, id] = [encodeHex(record.publicKey), idOf(record)];
    if (this.#byKey.has(key) || this.#byId.has(id)) {
      throw new SealwireError("ALREADY_EXISTS", `the key ${id} is known already`);
    }
    const withdrawal = new AbortController();
    const entry = { record, principal: principalOf(record, withdrawal.signal), withdrawal };
    this.#byKey.set(key, entry);
    this.#byId.set(id, entry);
  }

  /** Withdraws a key; answers whether it was known. Connections that it opened are told. */
  revoke(keyId: string): boolean {
    const entry = this.#byId.get(keyId);
    if (entry === undefined) return false;
    this.#byId.delete(keyId);
    this.#byKey.delete(encodeHex(entry.record.publicKey));
    entry.withdrawal.abort(
      new SealwireError("UNAUTHENTICATED", `the key ${keyId} was withdrawn; ask for a new one`),
    );
    return true;
  }

  /**
   * Takes over another list. Keys that are missing there, or stand for another account than
   * before, are revoked; the others stay as they are, with their connections.
   *
   * @throws what `add` does, having changed nothing
   */
  replace(records: readonly ApiKeyRecord[]): void {
    const wanted = new ApiKeyStore(records);
    for (const [id, { record }] of [...this.#byId]) {
      const next = wanted.#byId.get(id)?.record;
      if (next === undefined || !sameRecord(record, next)) this.revoke(id);
    }
    for (const record of records) if (!this.#byId.has(idOf(record))) this.add(record);
  }
}

interface Entry extends FoundKey {
  readonly withdrawal: AbortController;
}

function idOf(record: ApiKeyRecord): string {
  return record.keyId ?? formatPublicKey(record.publicKey);
}

function checkRecord({ publicKey }: ApiKeyRecord, known: number): void {
  if (publicKey.length !== KEY_BYTES) {
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `a public key has ${publicKey.length} bytes; it must have ${KEY_BYTES}`,
    );
  }
  if (known >= MAX_KEYS) {
    throw new SealwireError("INVALID_ARGUMENT", `more than ${MAX_KEYS} keys; revoke old ones`);
  }
}

function sameRecord(one: ApiKeyRecord, other: ApiKeyRecord): boolean {
  return (
    equalBytes(one.publicKey, other.publicKey) &&
    one.user === other.user &&
    one.expiresAt === other.expiresAt &&
    scopesText(one) === scopesText(other)
  );
}

function scopesText({ scopes = [] }: ApiKeyRecord): string {
  return JSON.stringify([...scopes].sort());
}
