import type { Dialect } from "../core/contracts/dialect.ts";
import type { LoadableSchemes } from "../core/contracts/platform.ts";
import type { Transport } from "../core/contracts/transport.ts";
import type { TcpOptions } from "../transports/tcp/options.ts";
import { tcp } from "../transports/tcp/tcp.ts";
import { type TlsOptions, tls } from "../transports/tcp/tls.ts";
import type { NodeWebSocketOptions } from "../transports/websocket/websocket.ts";
import { readCurve } from "./curve-keys.ts";
import { later } from "./later.ts";
import { checkPythonWires, type PythonWireOptions } from "./python-wires.ts";
import { under } from "./scheme-address.ts";

/** What the transports below need. */
export interface WireTransportOptions {
  readonly tcp: TcpOptions;
  readonly tls: TlsOptions;
  readonly web: NodeWebSocketOptions;
  readonly maxFrameBytes?: number | undefined;
}

/**
 * The URL schemes of the Python systems: what moves the bytes and who speaks. Each is loaded when
 * it is asked for; what makes no sense in the options is told before.
 */
export function pythonSchemes(
  options: PythonWireOptions,
  below: WireTransportOptions,
): LoadableSchemes {
  checkPythonWires(options);
  const zmq = zeromqLater(options, below);
  const { box, passwords, trust, conduit } = dialectsLater(options);
  const { web } = below;
  const plain = async () => tcp(below.tcp);
  // The originals speak TLS 1.2 where their Python is old.
  const secured = async () => tls({ ...below.tls, minVersion: "TLSv1.2" });
  return {
    ...scheme("zmq-password", zmq, passwords),
    ...scheme("nacl-box+zmq", zmq, box),
    ...scheme("nacl-box+ws", () => offeringNothing(web), box),
    ...scheme("nacl-box+wss", () => offeringNothing({ ...below.tls, ...web, secure: true }), box),
    ...scheme("trust-rpc", plain, trust),
    ...scheme("trust-rpc+tls", secured, trust),
    ...scheme("netconduit", plain, conduit),
    ...scheme("netconduit+tls", secured, conduit),
  };
}

type Later<Value> = () => Promise<Value>;

function scheme(name: string, transport: Later<Transport>, dialect: Later<Dialect>) {
  const load = async () => {
    const [moves, speaks] = await Promise.all([transport(), dialect()]);
    const port = speaks.defaults?.port ?? 7000;
    return { transport: under({ scheme: name, port }, moves), dialect: speaks };
  };
  return { [name]: { load } };
}

/** One of each for all schemes that speak it: they share keys, and the memory of what was said. */
function dialectsLater({ naclBox, zmqPassword, trustRpc, netconduit }: PythonWireOptions) {
  return {
    box: later(async () => {
      const boxes = await import("../crypto/providers/node-box.node.ts");
      const dialect = await import("../dialects/nacl-box/index.ts");
      return dialect.naclBox({ crypto: boxes.nodeBox(), ...naclBox });
    }),
    passwords: later(async () => {
      const dialect = await import("../dialects/zmq-password/index.ts");
      return dialect.zmqPassword(zmqPassword);
    }),
    trust: later(async () => {
      const dialect = await import("../dialects/trust-rpc/index.ts");
      return dialect.trustRpc(trustRpc);
    }),
    conduit: later(async () => {
      const dialect = await import("../dialects/netconduit/index.ts");
      return dialect.netconduit(netconduit);
    }),
  };
}

function zeromqLater(
  { curve: written }: PythonWireOptions,
  { tcp: time, maxFrameBytes }: WireTransportOptions,
): Later<Transport> {
  const curve = written && readCurve(written);
  const size = maxFrameBytes === undefined ? {} : { maxMessageBytes: maxFrameBytes };
  return later(async () => {
    const { zeromq } = await import("../transports/zeromq/index.ts");
    return zeromq({ ...time, ...size, ...(curve && { curve }) });
  });
}

/**
 * The originals know no subprotocols, and a client that offers some must refuse a server that chooses
 * none. Whoever comes may offer one.
 */
async function offeringNothing(options: NodeWebSocketOptions): Promise<Transport> {
  const { websocket } = await import("../transports/websocket/websocket.ts");
  const { connect } = websocket({ ...options, subprotocols: [] });
  return { ...websocket(options), connect };
}
