import { contributory, refusedKey } from "../agreement.ts";
import { checkKey } from "../lengths.ts";
import type { CryptoProvider } from "../provider.ts";
import { NOBLE_SYMMETRIC } from "./noble-symmetric.ts";

/**
 * The provider for browsers: X25519 by Web Crypto, the rest in plain JavaScript, because Web
 * Crypto has no ChaCha20 and answers only later. Where Web Crypto is missing (pages without TLS)
 * or knows no X25519, the slower implementation is loaded instead.
 */
export function webCrypto(options: WebCryptoOptions = {}): CryptoProvider {
  // Web Crypto is declared as always there; on pages without TLS it is not.
  const subtle: SubtleCrypto | undefined =
    "subtle" in options ? options.subtle : globalThis.crypto?.subtle;
  let chosen: Promise<Agreement> | undefined;
  const agreement = () => {
    chosen ??= chooseAgreement(subtle);
    return chosen;
  };
  return {
    name: "web",
    ...NOBLE_SYMMETRIC,
    publicKey: async (secretKey) => (await agreement()).publicKey(secretKey),
    agree: async (secretKey, publicKey) => (await agreement()).agree(secretKey, publicKey),
  };
}

/** What `webCrypto` works with. */
export interface WebCryptoOptions {
  /** The platform's Web Crypto; `undefined` to go without. @default globalThis.crypto.subtle */
  readonly subtle?: SubtleCrypto | undefined;
}

type Agreement = Pick<CryptoProvider, "publicKey" | "agree">;

async function chooseAgreement(subtle: SubtleCrypto | undefined): Promise<Agreement> {
  if (subtle !== undefined && (await knowsX25519(subtle))) return subtleAgreement(subtle);
  const { nobleCrypto } = await import("./noble.ts");
  return nobleCrypto();
}

async function knowsX25519(subtle: SubtleCrypto): Promise<boolean> {
  return importSecret(subtle, BASE_POINT).then(
    () => true,
    () => false,
  );
}

function subtleAgreement(subtle: SubtleCrypto): Agreement {
  return {
    async publicKey(secretKey) {
      checkKey(secretKey, "the secret key");
      return multiply(subtle, secretKey, BASE_POINT);
    },
    async agree(secretKey, publicKey) {
      checkKey(secretKey, "the secret key");
      checkKey(publicKey, "the public key");
      return contributory(await multiply(subtle, secretKey, publicKey));
    },
  };
}

async function multiply(
  subtle: SubtleCrypto,
  secretKey: Uint8Array,
  point: Uint8Array,
): Promise<Uint8Array> {
  const secret = await importSecret(subtle, secretKey);
  const open = await subtle.importKey("raw", new Uint8Array(point), "X25519", false, []);
  try {
    return new Uint8Array(await subtle.deriveBits({ name: "X25519", public: open }, secret, 256));
  } catch (cause) {
    // Web Crypto itself refuses a result of all zero, and nothing else once keys are imported.
    throw refusedKey(cause);
  }
}

async function importSecret(subtle: SubtleCrypto, secretKey: Uint8Array): Promise<CryptoKey> {
  const wrapped = new Uint8Array(PKCS8_HEAD.length + secretKey.length);
  wrapped.set(PKCS8_HEAD);
  wrapped.set(secretKey, PKCS8_HEAD.length);
  try {
    return await subtle.importKey("pkcs8", wrapped, "X25519", false, ["deriveBits"]);
  } finally {
    wrapped.fill(0);
  }
}

/** What stands before the 32 bytes of an X25519 secret key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_HEAD: Uint8Array = Uint8Array.of(
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06],
  ...[0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20],
);

/** The base point of X25519 (RFC 7748, section 4.1): multiplied with a secret it is the public key. */
const BASE_POINT: Uint8Array = Uint8Array.of(9, ...new Uint8Array(31));
