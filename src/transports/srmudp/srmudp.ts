import type { Transport } from "../../core/contracts/transport.ts";
import { connect } from "./connect.ts";
import { listen } from "./listen.ts";
import { type SrmudpOptions, srmudpSettings } from "./options.ts";

/**
 * Channels over SRMUDP, reliable and sealed UDP as the Python library of that name speaks it,
 * under addresses such as `srmudp://192.0.2.7:9000?local=9001`. Both sides may connect to each
 * other, which opens NATs; a listener takes whoever comes. One chunk is one message.
 *
 * Without `secret` or `pin` nobody is proven: the path is sealed against those who only listen.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense.
 */
export function srmudp(options: SrmudpOptions = {}): Transport {
  const settings = srmudpSettings(options);
  return {
    scheme: "srmudp",
    connect: (address, { signal }) => connect(address, signal, settings),
    listen: (address) => listen(address, settings),
  };
}
