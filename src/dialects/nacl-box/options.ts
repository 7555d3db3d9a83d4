import type { JsonLimits } from "../../codecs/json-limits.ts";
import { type PythonJson, pythonJson } from "../../codecs/python-json.ts";
import { checkPositive, checkWhole, withDefaults } from "../../core/engine/check-options.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { BoxCrypto } from "../../crypto/box.ts";
import type { KeyPair } from "../../crypto/keys.ts";
import { KEY_BYTES } from "../../crypto/provider.ts";

/** How the nacl-box dialect is spoken. */
export interface NaclBoxOptions {
  /** Makes the boxes. The presets bring the fastest that the platform has. @default noble */
  readonly crypto?: BoxCrypto;
  /**
   * Our own keys. A server without them makes some that last as long as this object, as its
   * original does; a client makes some for each connection.
   */
  readonly keyPair?: KeyPair;
  /** Handlers that run at once, of all connections together; further calls wait. @default 4 */
  readonly workers?: number;
  /** For calls and for handlers that have no limit of their own. @default 5_000 */
  readonly timeoutMs?: number;
  /**
   * How many nonces of each peer key are remembered, so that an envelope that was recorded cannot
   * be played again; `false` forgets, as the original does. All keys together are remembered by
   * a million nonces at most; beyond it those are forgotten that were silent the longest.
   *
   * @default 100_000
   */
  readonly replayWindow?: number | false;
  /**
   * As a client: asks for the server's events, among them the changes of shared variables. Servers
   * of the original cannot send them; with these nothing changes.
   *
   * @default false
   */
  readonly push?: boolean;
  /**
   * Ids inside the boxes, which tie each reply to its request, let many calls be in flight and seal
   * errors too. A client offers them, a server takes them; originals look past them.
   *
   * @default true
   */
  readonly ids?: boolean;
  /** What one JSON text may hold; more is answered with an error. */
  readonly values?: JsonLimits;
}

/** Options with everything filled in. */
export interface NaclBoxSettings {
  readonly workers: number;
  readonly timeoutMs: number;
  readonly replayWindow: number | false;
  readonly push: boolean;
  readonly ids: boolean;
  readonly json: PythonJson;
}

/** The defaults of `NaclBoxOptions`. */
export const NACL_BOX_DEFAULTS: Omit<NaclBoxSettings, "json"> = Object.freeze({
  workers: 4,
  timeoutMs: 5_000,
  replayWindow: 100_000,
  push: false,
  ids: true,
});

/** What servers of the original listen on. */
export const NACL_BOX_PORT = 8421;

/**
 * Options with every default filled in. One that is named but `undefined` hides no default.
 *
 * @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed
 */
export function naclBoxSettings(options: NaclBoxOptions): NaclBoxSettings {
  const { crypto: _crypto, keyPair, values, ...given } = options;
  const settings = withDefaults(NACL_BOX_DEFAULTS, given);
  checkWhole("workers", settings.workers);
  checkPositive({ timeoutMs: settings.timeoutMs });
  if (settings.replayWindow !== false) checkWhole("replayWindow", settings.replayWindow);
  if (keyPair) checkKeyPair(keyPair);
  return { ...settings, json: pythonJson(values) };
}

function checkKeyPair({ publicKey, secretKey }: KeyPair): void {
  if (publicKey.length === KEY_BYTES && secretKey.length === KEY_BYTES) return;
  throw new SealwireError(
    "INVALID_ARGUMENT",
    `the keys of keyPair have ${publicKey.length} and ${secretKey.length} bytes; ` +
      `each must have ${KEY_BYTES}`,
  );
}
