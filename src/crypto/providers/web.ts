import { join } from "../../bytes/join.ts";
import { contributory, refusedKey } from "../agreement.ts";
import { checkKey } from "../lengths.ts";
import type { CryptoProvider } from "../provider.ts";
import { hmacSha256, sha256 } from "../sha256.ts";
import { nobleAead } from "./noble-aead.ts";

/**
 * The provider for browsers: X25519 by Web Crypto, the rest in plain JavaScript, because Web
 * Crypto has no ChaCha20 and answers only later. Where Web Crypto is missing (pages without TLS)
 * or knows no X25519, the slower implementation is loaded instead.
 */
export function webCrypto(options: WebCryptoOptions = {}): CryptoProvider {
  // Web Crypto is declared as always there; on pages without TLS it is not.
  const subtle: SubtleCrypto | undefined =
    "subtle" in options ? options.subtle : globalThis.crypto?.subtle;
  let chosen: Promise<Multiply> | undefined;
  const multiplied = async (secretKey: Uint8Array, point: Uint8Array) => {
    chosen ??= chooseMultiply(subtle).catch((thrown: unknown) => {
      // What did not load may load later.
      chosen = undefined;
      throw thrown;
    });
    return (await chosen)(secretKey, point);
  };
  return {
    name: "web",
    aead: nobleAead,
    sha256,
    hmacSha256,
    async publicKey(secretKey) {
      checkKey(secretKey, "the secret key");
      return multiplied(secretKey, BASE_POINT);
    },
    async agree(secretKey, publicKey) {
      checkKey(secretKey, "the secret key");
      checkKey(publicKey, "the public key");
      return contributory(await multiplied(secretKey, publicKey));
    },
  };
}

/** What `webCrypto` works with. */
export interface WebCryptoOptions {
  /** The platform's Web Crypto; `undefined` to go without. @default globalThis.crypto.subtle */
  readonly subtle?: SubtleCrypto | undefined;
}

/** X25519 itself (RFC 7748, section 5), of lengths that were checked. */
type Multiply = (secretKey: Uint8Array, point: Uint8Array) => Promise<Uint8Array>;

async function chooseMultiply(subtle: SubtleCrypto | undefined): Promise<Multiply> {
  if (subtle !== undefined && (await knowsX25519(subtle))) {
    return (secretKey, point) => multiplyBySubtle(subtle, secretKey, point);
  }
  const { x25519 } = await import("./noble-x25519.ts");
  return (secretKey, point) => refusing(async () => x25519.getSharedSecret(secretKey, point));
}

async function knowsX25519(subtle: SubtleCrypto): Promise<boolean> {
  return importSecret(subtle, BASE_POINT).then(
    () => true,
    () => false,
  );
}

async function multiplyBySubtle(
  subtle: SubtleCrypto,
  secretKey: Uint8Array,
  point: Uint8Array,
): Promise<Uint8Array> {
  const secret = await importSecret(subtle, secretKey);
  const open = await subtle.importKey("raw", new Uint8Array(point), "X25519", false, []);
  const asked = { name: "X25519", public: open };
  return refusing(async () => new Uint8Array(await subtle.deriveBits(asked, secret, 256)));
}

/** Both implementations refuse a result of all zero, and nothing else once lengths are right. */
async function refusing(run: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await run();
  } catch (cause) {
    throw refusedKey(cause);
  }
}

async function importSecret(subtle: SubtleCrypto, secretKey: Uint8Array): Promise<CryptoKey> {
  const wrapped = join([PKCS8_HEAD, secretKey]);
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
