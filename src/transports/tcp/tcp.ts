import type { Transport } from "../../core/contracts/transport.ts";
import { connect } from "./connect.ts";
import { listen } from "./listen.ts";
import { type TcpOptions, tcpLimits } from "./options.ts";
import { SharedRead } from "./shared-read.ts";

/**
 * Channels over TCP, under addresses such as `tcp://127.0.0.1:7000` and `tcp://[::]:0` (all
 * interfaces, IPv6 and IPv4, any free port). Nothing is protected by the transport itself.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense.
 */
export function tcp(options: TcpOptions = {}): Transport {
  const limits = tcpLimits(options);
  const reads = new SharedRead();
  return {
    scheme: "tcp",
    connect: (address, { signal }) => connect(address, signal, limits, reads),
    listen: (address) => listen(address, limits, reads),
  };
}
