import { encodeUtf8 } from "../bytes/text.ts";
import type { ClientOptions } from "../client/options.ts";
import type { Credentials } from "../core/model/credentials.ts";
import { parsePublicKey, parseSecretKey } from "../crypto/keys.ts";

/** Credentials as people write them: keys and secrets as text too. */
export type WrittenCredentials =
  | Exclude<Credentials, { readonly scheme: "key-pair" } | { readonly scheme: "secret" }>
  | { readonly scheme: "secret"; readonly secret: Uint8Array | string }
  | { readonly scheme: "key-pair"; readonly secretKey: Uint8Array | string };

/** Options of a client with keys as text. */
export interface WrittenClientOptions extends Omit<ClientOptions, "credentials" | "serverKeys"> {
  /** What proves who we are. @default anonymous */
  readonly credentials?: WrittenCredentials;
  /**
   * The fingerprint by which the server is known (`swpub_…`); several while its key changes, the
   * current first.
   */
  readonly pin?: string | readonly string[];
}

/** Written options as the client wants them. @throws `INVALID_ARGUMENT` for a mistyped key */
export function readOptions({ credentials, pin, ...rest }: WrittenClientOptions): ClientOptions {
  const pins = pin === undefined ? [] : [pin].flat();
  return {
    ...rest,
    serverKeys: pins.map(parsePublicKey),
    ...(credentials && { credentials: readCredentials(credentials) }),
  };
}

function readCredentials(credentials: WrittenCredentials): Credentials {
  if (credentials.scheme === "secret") {
    const { secret } = credentials;
    return { scheme: "secret", secret: typeof secret === "string" ? encodeUtf8(secret) : secret };
  }
  if (credentials.scheme !== "key-pair") return credentials;
  const { secretKey } = credentials;
  const read = typeof secretKey === "string" ? parseSecretKey(secretKey) : secretKey;
  return { scheme: "key-pair", secretKey: read };
}
