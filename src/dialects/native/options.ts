import { encodeUtf8 } from "../../bytes/text.ts";
import type { Compression } from "../../codecs/compression.ts";
import { type MsgpackCodecs, msgpackCodecs } from "../../codecs/msgpack.ts";
import type { MsgpackLimits } from "../../codecs/msgpack-limits.ts";
import {
  checkPositive,
  checkWhole,
  invalidOption,
  withDefaults,
} from "../../core/engine/check-options.ts";
import type { KeyPair } from "../../crypto/keys.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";

/** How the native dialect is spoken; each side has its own. */
export interface NativeOptions {
  /** Makes everything sealed. The presets bring the fastest that the platform has. */
  readonly crypto: CryptoProvider | (() => Promise<CryptoProvider>);
  /**
   * A server's own keys, by which clients know it. Without, a server makes some that last as long
   * as this object, and its clients must learn a new fingerprint at every start.
   */
  readonly identity?: KeyPair;
  /**
   * Both sides must name the same application, or the greeting fails; at most 255 bytes of UTF-8.
   *
   * @default ""
   */
  readonly application?: string;
  /**
   * Compresses single messages above a size, when the other side offers it too. Off by default:
   * what mixes secrets with text of an attacker's choice tells of them by its length.
   */
  readonly compression?: Compression;
  /** Smaller messages are never compressed. @default 1_024 */
  readonly compressAboveBytes?: number;
  /**
   * Fills records up to multiples of this, so that their length says less; 0: off; at most 8,192,
   * because greetings are filled up too.
   *
   * @default 0
   */
  readonly paddingBytes?: number;
  /** A direction takes a new key after so many records. @default 1_048_576 */
  readonly rekeyAfterRecords?: number;
  /** And after so long, at its next record; `Infinity` for never. @default 600_000 */
  readonly rekeyAfterMs?: number;
  /** What one message may hold; a peer that sends more is disconnected. */
  readonly values?: MsgpackLimits;
}

/** Options with everything filled in. */
export interface NativeSettings {
  readonly application: string;
  readonly compression: Compression | undefined;
  readonly compressAboveBytes: number;
  readonly paddingBytes: number;
  readonly rekeyAfterRecords: number;
  readonly rekeyAfterMs: number;
  readonly values: MsgpackLimits;
}

/** Settings, and the codecs that all sessions with them share: one of its own is 4 KiB a session. */
export interface NativeSurroundings extends NativeSettings {
  readonly codecs: MsgpackCodecs;
}

/** The defaults of `NativeOptions`. */
export const NATIVE_DEFAULTS: NativeSettings = Object.freeze({
  application: "",
  compression: undefined,
  compressAboveBytes: 1_024,
  paddingBytes: 0,
  rekeyAfterRecords: 1_048_576,
  rekeyAfterMs: 600_000,
  values: Object.freeze({}),
});

/**
 * Options with every default filled in. One that is named but `undefined` hides no default.
 *
 * @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed
 */
export function nativeSettings(options: NativeOptions): NativeSurroundings {
  const { crypto: _crypto, identity: _identity, ...given } = options;
  const settings: NativeSettings = withDefaults(NATIVE_DEFAULTS, given);
  const { application, paddingBytes, compressAboveBytes, rekeyAfterRecords } = settings;
  const bytes = encodeUtf8(application).length;
  if (bytes > MAX_APPLICATION_BYTES) {
    throw invalidOption("application", `${bytes} bytes`, `0 to ${MAX_APPLICATION_BYTES}`);
  }
  checkWhole("paddingBytes", paddingBytes, 0, MAX_PADDING_BYTES);
  checkWhole("compressAboveBytes", compressAboveBytes, 0);
  checkWhole("rekeyAfterRecords", rekeyAfterRecords, 1, MAX_REKEY_RECORDS);
  checkPositive({ rekeyAfterMs: settings.rekeyAfterMs });
  return { ...settings, codecs: msgpackCodecs(settings.values) };
}

const MAX_APPLICATION_BYTES = 255;
/** Half of a greeting's frame: a filled greeting must still be taken. */
const MAX_PADDING_BYTES = 8_192;
/** Far below what one key of ChaCha20-Poly1305 may seal. */
const MAX_REKEY_RECORDS = 4_294_967_296;
