import type { Dialect } from "../core/contracts/dialect.ts";
import type { Schemes } from "../core/contracts/platform.ts";
import type { Transport } from "../core/contracts/transport.ts";
import { nodeBox } from "../crypto/providers/node-box.node.ts";
import { type NaclBoxOptions, naclBox } from "../dialects/nacl-box/index.ts";
import { type NetconduitOptions, netconduit } from "../dialects/netconduit/index.ts";
import { type TrustRpcOptions, trustRpc } from "../dialects/trust-rpc/index.ts";
import { type ZmqPasswordOptions, zmqPassword } from "../dialects/zmq-password/index.ts";
import type { TcpOptions } from "../transports/tcp/options.ts";
import { tcp } from "../transports/tcp/tcp.ts";
import { type TlsOptions, tls } from "../transports/tcp/tls.ts";
import {
  type NodeWebSocketOptions,
  secureWebsocket,
  websocket,
} from "../transports/websocket/websocket.ts";
import { type CurveOptions, zeromq } from "../transports/zeromq/index.ts";
import { readCurve, type WrittenCurve } from "./curve-keys.ts";
import { under } from "./scheme-address.ts";

/** How the wires of the Python systems are spoken. */
export interface PythonWireOptions {
  readonly zmqPassword?: ZmqPasswordOptions;
  readonly naclBox?: NaclBoxOptions;
  readonly trustRpc?: TrustRpcOptions;
  readonly netconduit?: NetconduitOptions;
  /** Encrypts ZeroMQ by CURVE (RFC 26), on `zmq-password://` and `nacl-box+zmq://`. */
  readonly curve?: WrittenCurve;
}

/** What the transports below need. */
export interface WireTransportOptions {
  readonly tcp: TcpOptions;
  readonly tls: TlsOptions;
  readonly maxFrameBytes?: number | undefined;
}

/** The URL schemes of the Python systems: what moves the bytes and who speaks. */
export function pythonSchemes(options: PythonWireOptions, below: WireTransportOptions): Schemes {
  const { tcp: time, maxFrameBytes } = below;
  const size = maxFrameBytes === undefined ? {} : { maxFrameBytes };
  const zmqSize = maxFrameBytes === undefined ? {} : { maxMessageBytes: maxFrameBytes };
  const curve: CurveOptions | undefined = options.curve && readCurve(options.curve);
  const zmq = zeromq({ ...time, ...zmqSize, ...(curve && { curve }) });
  const web = { ...time, ...size };
  const secureWeb = { ...below.tls, ...web };
  const box = naclBox({ crypto: nodeBox(), ...options.naclBox });
  const trust = trustRpc(options.trustRpc);
  const conduit = netconduit(options.netconduit);
  // The originals speak TLS 1.2 where their Python is old.
  const secured = tls({ ...below.tls, minVersion: "TLSv1.2" });
  return {
    ...scheme("zmq-password", zmq, zmqPassword(options.zmqPassword)),
    ...scheme("nacl-box+zmq", zmq, box),
    ...scheme("nacl-box+ws", offeringNothing(websocket, web), box),
    ...scheme("nacl-box+wss", offeringNothing(secureWebsocket, secureWeb), box),
    ...scheme("trust-rpc", tcp(time), trust),
    ...scheme("trust-rpc+tls", secured, trust),
    ...scheme("netconduit", tcp(time), conduit),
    ...scheme("netconduit+tls", secured, conduit),
  };
}

function scheme(name: string, transport: Transport, dialect: Dialect): Schemes {
  const port = dialect.defaults?.port ?? 7000;
  return { [name]: { transport: under({ scheme: name, port }, transport), dialect } };
}

/**
 * The originals know no subprotocols, and a client that offers some must refuse a server that chooses
 * none. Whoever comes may offer one.
 */
function offeringNothing(make: typeof websocket, options: NodeWebSocketOptions): Transport {
  const { connect } = make({ ...options, subprotocols: [] });
  return { ...make(options), connect };
}
