import type { Compression } from "../../codecs/compression.ts";
import type { MsgpackLimits } from "../../codecs/msgpack-limits.ts";
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
  /** Both sides must name the same application, or the greeting fails. @default "" */
  readonly application?: string;
  /**
   * Compresses single messages above a size, when the other side offers it too. Off by default:
   * what mixes secrets with text of an attacker's choice tells of them by its length.
   */
  readonly compression?: Compression;
  /** Smaller messages are never compressed. @default 1_024 */
  readonly compressAboveBytes?: number;
  /** Fills records up to multiples of this, so that their length says less; 0: off. @default 0 */
  readonly paddingBytes?: number;
  /** A direction takes a new key after so many records. @default 1_048_576 */
  readonly rekeyAfterRecords?: number;
  /** And after so long, at its next record. @default 600_000 */
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
