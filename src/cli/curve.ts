import { readCurve, type WrittenCurve } from "../presets/curve-keys.ts";
import { misused } from "./failures.ts";

/** Addresses that are ZeroMQ. */
const ZEROMQ: ReadonlySet<string> = new Set(["zmq-password:", "nacl-box+zmq:"]);

/** Whether CURVE can be spoken there. */
function isZeromq({ protocol }: URL): boolean {
  return ZEROMQ.has(protocol);
}

/** What `--curve` and `--pin` say of a server. @throws `INVALID_ARGUMENT` without a usable key */
export function curveToServer(url: URL, pin: readonly string[] | undefined): WrittenCurve {
  if (!isZeromq(url)) throw misused("--curve is for ZeroMQ: zmq-password:// and nacl-box+zmq://");
  const [serverKey, ...others] = pin ?? [];
  if (serverKey === undefined || others.length > 0) {
    throw misused("--curve wants one --pin: the server's key, swpub_… or 40 characters of Z85");
  }
  const curve = { serverKey };
  try {
    readCurve(curve);
  } catch {
    throw misused("--pin is no key of CURVE: give swpub_… or 40 characters of Z85");
  }
  return curve;
}
