import { encodeHex, encodeUtf8 } from "../bytes/text.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import { apiKeyPair, generateApiKey, parseApiKey } from "../crypto/api-key-text.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import { webCrypto } from "../crypto/providers/web.ts";
import { type Account, checkNotExpired, type Now, SYSTEM_TIME } from "./account.ts";
import { type ApiKeyRecord, ApiKeyStore } from "./api-key-store.ts";
import { RecentMap } from "./recent-map.ts";
import { STRETCHING_LIMITS, Turnstile } from "./turnstile.ts";

/** How API keys are judged. */
export interface ApiKeysOptions extends KeyDerivation {
  readonly clock?: Now;
  /**
   * How many keys are remembered that arrived as text, on wires that carry them so; a key that
   * was forgotten is derived again, which takes a tenth of a second for free text.
   *
   * @default 10_000
   */
  readonly rememberedKeys?: number;
}

/** How an API key becomes a key pair; both ends must do it alike. */
export interface KeyDerivation {
  /** What free-text keys are stretched with. @default "sealwire" */
  readonly serverName?: string;
  /** @default Web Crypto, or plain JavaScript where it is missing */
  readonly provider?: CryptoProvider;
}

/**
 * Accepts the holders of API keys and key pairs. Wires of our own prove possession of the key
 * without showing it; on others the key arrives as text.
 *
 * @throws `INVALID_ARGUMENT` or `ALREADY_EXISTS` when the records contradict each other
 */
export function apiKeys(
  keys: readonly ApiKeyRecord[] | ApiKeyStore,
  options: ApiKeysOptions = {},
): Authenticator {
  const store = keys instanceof ApiKeyStore ? keys : new ApiKeyStore(keys);
  const { clock = SYSTEM_TIME } = options;
  const publicKeyOf = rememberingPublicKeys(options);
  return {
    async authenticate(evidence) {
      if (evidence.scheme === "public-key") return admit(store, evidence.key, clock);
      if (evidence.scheme !== "api-key") return undefined;
      return admit(store, await publicKeyOf(evidence.key), clock);
    },
  };
}

/**
 * The record of a key that somebody has already: one of ours, or any text a program uses as one.
 *
 * @throws `INVALID_ARGUMENT` when it begins like one of ours and was mistyped
 */
export async function apiKeyRecord(
  key: string,
  account: Account,
  derivation: KeyDerivation = {},
): Promise<ApiKeyRecord> {
  const parsed = parseApiKey(key);
  const { publicKey } = await derive(key, derivation);
  return {
    ...account,
    publicKey,
    ...(parsed.kind === "generated" ? { keyId: parsed.keyId } : {}),
  };
}

/** A new API key for its holder, and its record for the server. The key is not kept anywhere. */
export async function issueApiKey(
  account: Account,
  derivation: KeyDerivation = {},
): Promise<{ readonly key: string; readonly record: ApiKeyRecord }> {
  const key = generateApiKey();
  return { key, record: await apiKeyRecord(key, account, derivation) };
}

/** The name that free-text keys are stretched with where nobody chose one. */
export const DEFAULT_SERVER_NAME = "sealwire";

/** Finds a key by its hash: the time that takes tells nothing, as possession was proven before. */
export function admit(
  store: ApiKeyStore,
  publicKey: Uint8Array,
  clock: Now,
): Principal | undefined {
  const found = store.find(publicKey);
  if (found === undefined) return undefined;
  checkNotExpired(found.record, clock);
  return found.principal;
}

function derive(key: string, { serverName = DEFAULT_SERVER_NAME, provider }: KeyDerivation) {
  return apiKeyPair(key, serverName, provider ?? webCrypto());
}

/** Each key is derived once; remembered by its hash, so that a copy of memory has no keys. */
function rememberingPublicKeys(options: ApiKeysOptions): (key: string) => Promise<Uint8Array> {
  const provider = options.provider ?? webCrypto();
  const known = new RecentMap<string, Promise<Uint8Array>>(options.rememberedKeys ?? 10_000);
  const turnstile = new Turnstile(STRETCHING_LIMITS);
  return (key) => {
    const name = encodeHex(provider.sha256(encodeUtf8(key)));
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const derived = turnstile.run(() => judged(derive(key, { ...options, provider })));
    known.set(name, derived);
    // A failure is an answer to this attempt, not to the next.
    derived.catch(() => known.delete(name));
    return derived;
  };
}

async function judged(pair: Promise<{ readonly publicKey: Uint8Array }>): Promise<Uint8Array> {
  try {
    return (await pair).publicKey;
  } catch (cause) {
    const { message } = SealwireError.from(cause);
    throw new SealwireError("UNAUTHENTICATED", message, { cause });
  }
}
