import { equalBytes } from "../bytes/equal.ts";
import { encodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import { hkdf } from "./derive.ts";
import type { KeyPair } from "./keys.ts";
import type { CryptoProvider } from "./provider.ts";
import { randomBytes } from "./random.ts";
import { sha256 } from "./sha256.ts";
import { stretch } from "./stretch.ts";

/** An API key as it was understood: one of ours, or any text that a program uses as a key. */
export type ApiKey =
  | {
      readonly kind: "generated";
      /** Names the key without telling it: for lists and revocation. */
      readonly keyId: string;
      readonly secret: Uint8Array;
    }
  | { readonly kind: "free-text"; readonly text: string };

/** The longest text that is taken for an API key. */
const MAX_API_KEY_LENGTH = 1024;

/**
 * A new API key, `sw_<id>_<secret>_<checksum>`. The secret has 43 random letters and digits, that
 * is 256 bits; the checksum finds typing errors before anybody is asked.
 */
export function generateApiKey(): string {
  const head = `${PREFIX}${randomText(KEY_ID_LENGTH)}_${randomText(SECRET_LENGTH)}`;
  return `${head}_${checksum(head)}`;
}

/**
 * Takes an API key apart. What begins with `sw_` must be one of ours.
 *
 * @throws `INVALID_ARGUMENT`, which never shows the text, when it was mistyped, is empty or has
 *   more than 1024 characters
 */
export function parseApiKey(text: string): ApiKey {
  if (text.length === 0 || text.length > MAX_API_KEY_LENGTH) {
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `an API key has 1 to ${MAX_API_KEY_LENGTH} characters, this one ${text.length}`,
    );
  }
  if (!text.startsWith(PREFIX)) return { kind: "free-text", text };
  const [, head = "", keyId = "", secret = "", sum = ""] = GENERATED.exec(text.trim()) ?? [];
  if (head === "" || !equalBytes(encodeUtf8(sum), encodeUtf8(checksum(head)))) throw mistyped();
  return { kind: "generated", keyId, secret: encodeUtf8(secret) };
}

/**
 * The key pair by which the holder of an API key proves itself; the server knows the public half
 * alone. A free text is stretched first, with the server's name as salt, which takes a tenth of a
 * second.
 *
 * @throws `INVALID_ARGUMENT` when `parseApiKey` does
 */
export async function apiKeyPair(
  text: string,
  serverName: string,
  provider: CryptoProvider,
): Promise<KeyPair> {
  const key = parseApiKey(text);
  const secret =
    key.kind === "generated"
      ? key.secret
      : await stretch(key.text, `sealwire/api-key/v1/${serverName}`);
  const secretKey = hkdf(provider, { key: secret, info: "api-key/x25519/v1" });
  return { publicKey: await provider.publicKey(secretKey), secretKey };
}

const PREFIX = "sw_";
const KEY_ID_LENGTH = 8;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const GENERATED = /^(sw_([0-9A-Za-z]{8})_([0-9A-Za-z]{43}))_([0-9A-Za-z]{6})$/;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Bytes from 248 on are thrown away, as they would make the first letters likelier. */
function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    const fair = [...randomBytes(length)].filter((byte) => byte < 248);
    text += fair.map((byte) => BASE62[byte % 62]).join("");
  }
  return text.slice(0, length);
}

function checksum(head: string): string {
  let number = sha256(encodeUtf8(head))
    .subarray(0, 6)
    .reduce((sum, byte) => sum * 256 + byte, 0);
  let text = "";
  for (let at = 0; at < CHECKSUM_LENGTH; at++) {
    text += BASE62[number % 62];
    number = Math.floor(number / 62);
  }
  return text;
}

function mistyped(): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    "this API key was mistyped or cut short: its checksum does not fit; copy it again as a whole",
  );
}
