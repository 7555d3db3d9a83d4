import type { Transport } from "../../core/contracts/transport.ts";
import { tcp } from "../tcp/tcp.ts";
import { connect } from "./connect.ts";
import { listen } from "./listen.ts";
import { type ZeromqOptions, zeromqSettings } from "./options.ts";

/**
 * Channels over ZMTP 3.1, the protocol of ZeroMQ, under addresses such as `zmq://127.0.0.1:8421`
 * (of which host and port count). A listener is a `ROUTER` for clients with `REQ` or `DEALER`, who
 * connects is a `DEALER` for servers with `ROUTER` or `REP`.
 *
 * A chunk is the body of a message `[empty, body]`. A message of another shape arrives as an empty
 * chunk.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense.
 */
export function zeromq(options: ZeromqOptions = {}): Transport {
  const settings = zeromqSettings(options);
  const stream = tcp(settings.limits);
  return {
    scheme: "zmq",
    protects: settings.curve !== undefined,
    connect: (address, { signal }) => connect(stream, address, settings, signal),
    listen: (address) => listen(stream, address, settings),
  };
}
