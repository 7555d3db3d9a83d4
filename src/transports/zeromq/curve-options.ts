import { invalidOption } from "../../core/engine/check-options.ts";
import { KEY_BYTES } from "../../crypto/provider.ts";

/** The keys of CURVE: X25519, 32 bytes each. `decodeZ85` reads them as libzmq writes them. */
export interface CurveOptions {
  /**
   * Our own secret key. Who listens must have one; who connects without gets one that lives as
   * long as the transport.
   */
  readonly secretKey?: Uint8Array;
  /** The public key of the server we connect to; no other is spoken with. Not used to listen. */
  readonly serverKey?: Uint8Array;
  /**
   * Judges the public keys of clients. A refused client is told status 400 and closed.
   *
   * @default everybody who knows the server's public key
   */
  readonly authorize?: (clientKey: Uint8Array) => boolean | Promise<boolean>;
}

/** @throws `INVALID_ARGUMENT` for what is no key; it is not shown */
export function checkCurve({ secretKey, serverKey }: CurveOptions): void {
  checkKeyOption("curve.secretKey", secretKey);
  checkKeyOption("curve.serverKey", serverKey);
}

/** The value is not shown: it may be a secret. */
function checkKeyOption(name: string, key: unknown): void {
  if (key === undefined || (key instanceof Uint8Array && key.length === KEY_BYTES)) return;
  const found = key instanceof Uint8Array ? `${key.length} bytes` : `a ${typeof key}`;
  throw invalidOption(name, found, `a Uint8Array of ${KEY_BYTES} bytes; decodeZ85 makes one`);
}
