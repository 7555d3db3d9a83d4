export { createPakeSetup } from "../crypto/pake.ts";
export {
  type Account,
  type AccountOrUser,
  type Now,
  parseUser,
} from "./account.ts";
export { anonymous } from "./anonymous.ts";
export { type ApiKeyRecord, ApiKeyStore, type FoundKey } from "./api-key-store.ts";
export {
  type ApiKeysOptions,
  apiKeyRecord,
  apiKeys,
  DEFAULT_SERVER_NAME,
  issueApiKey,
  type KeyDerivation,
} from "./api-keys.ts";
export { bearerTokens, type VerifyToken } from "./bearer-tokens.ts";
export { firstOf } from "./first-of.ts";
export type { PasswordAccount, Passwords } from "./password-accounts.ts";
export { type PasswordRecord, passwordRecord } from "./password-record.ts";
export { type PasswordsOptions, passwords } from "./passwords.ts";
export { publicKeys } from "./public-keys.ts";
export { type SharedSecretOptions, sharedSecret } from "./shared-secret.ts";
export { THROTTLE_DEFAULTS, type ThrottleOptions, throttled } from "./throttle.ts";
