import { SealwireError } from "../core/model/errors.ts";
import { parsePublicKey, parseSecretKey } from "../crypto/keys.ts";
import { type CurveOptions, checkCurve } from "../transports/zeromq/curve-options.ts";
import { decodeZ85 } from "../transports/zeromq/z85.ts";

/** Keys of CURVE as people write them: bytes, `swpub_…` and `swsec_…`, or Z85 as libzmq has it. */
export interface WrittenCurve extends Omit<CurveOptions, "secretKey" | "serverKey"> {
  /** Our own secret key: needed to listen. */
  readonly secretKey?: Uint8Array | string;
  /** The key of the server we connect to; no other is spoken with. */
  readonly serverKey?: Uint8Array | string;
}

/** @throws `INVALID_ARGUMENT`, which never shows a secret, for text that is no key */
export function readCurve({ secretKey, serverKey, ...rest }: WrittenCurve): CurveOptions {
  const curve = {
    ...rest,
    ...(secretKey !== undefined && { secretKey: read(secretKey, "swsec_", parseSecretKey) }),
    ...(serverKey !== undefined && { serverKey: read(serverKey, "swpub_", parsePublicKey) }),
  };
  checkCurve(curve);
  return curve;
}

function read(
  key: Uint8Array | string,
  prefix: string,
  parse: (text: string) => Uint8Array,
): Uint8Array {
  if (typeof key !== "string") return key;
  if (key.startsWith(prefix)) return parse(key);
  try {
    return decodeZ85(key);
  } catch {
    const message = `a key of CURVE is ${prefix}… or 40 characters of Z85`;
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
}
