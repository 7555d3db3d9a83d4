import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import { nodeCrypto } from "../crypto/providers/best.node.ts";
import { native } from "../dialects/native/index.ts";
import { createPeerOn, type PeerHandle, type PeerOptions } from "../peers/peer.ts";
import { PeerService } from "../peers/peer-service.ts";
import { serviceAddress } from "../peers/rendezvous-address.ts";
import { runPeerService } from "../peers/service-runner.ts";
import type { PeerNetwork } from "../peers/surroundings.ts";
import { answerBinding } from "../stun/binding-service.ts";
import { bindUdp, udpNetwork } from "../transports/udp/index.ts";
import { secureWebsocket, websocket } from "../transports/websocket/websocket.ts";
import type { PeerServer, PeerServerOptions } from "./peers.node.ts";
import { NODE_PLATFORM } from "./platform.node.ts";

/** What `createPeer` of `peers.node.ts` does. @throws as that */
export async function openPeer(options: PeerOptions): Promise<PeerHandle> {
  const crypto = await nodeCrypto();
  const dialect = native({ crypto: nodeCrypto });
  const { clock } = NODE_PLATFORM;
  const network = nodePeerNetwork();
  return createPeerOn({ clock, crypto, network, platform: NODE_PLATFORM, dialect }, options);
}

/** What `servePeers` of `peers.node.ts` does. @throws as that */
export async function runPeers(options: PeerServerOptions): Promise<PeerServer> {
  const { listen, ...rest } = options;
  const { host, port } = listenAddress(listen);
  const { clock } = NODE_PLATFORM;
  const service = new PeerService({ ...rest, crypto: await nodeCrypto(), now: clock.now });
  const socket = await bindUdp({ host, port });
  const bound = socket.address.port;
  const second = await bindUdp({ host, port: bound + 1 }).catch(() => undefined);
  const bracketed = host.includes(":") ? `[${host}]` : host;
  const address = new URL(`udp://${bracketed}:${bound}`);
  try {
    const url = new URL(`ws://${bracketed}:${bound}/`);
    const webSockets = await datagramWebSocket().listen(url);
    const other = (bytes: Uint8Array, from: Endpoint) => answerBinding(bytes, from)?.bytes;
    const running = runPeerService({ clock, service, socket, second, webSockets, other });
    return { address, service, close: () => running.close() };
  } catch (thrown) {
    await Promise.all([socket.close(), second?.close()]);
    throw thrown;
  }
}

function listenAddress(text: string): { readonly host: string; readonly port: number } {
  const { host, port, webSocketOnly } = serviceAddress(text);
  if (!webSocketOnly) return { host, port: /:0$/.test(text) ? 0 : port };
  const message = `cannot listen at ${text}; write udp://0.0.0.0:3478, WebSocket comes with it`;
  throw new SealwireError("INVALID_ARGUMENT", message);
}

/** What peers need of Node. */
function nodePeerNetwork(): PeerNetwork {
  const udp = udpNetwork();
  return {
    bind: (endpoint) => udp.bind(endpoint),
    bindDatagrams: bindUdp,
    openWebSocket(url, options) {
      const transport = url.protocol === "wss:" ? secureDatagramWebSocket() : datagramWebSocket();
      return transport.connect(url, options);
    },
    localAddresses,
    async resolve(host) {
      try {
        return (await lookup(host, { all: true })).map(({ address }) => address);
      } catch (cause) {
        const message = `${host} is not known to the name service; is it written rightly?`;
        throw new SealwireError("UNAVAILABLE", message, { cause });
      }
    },
  };
}

/** Messages are datagrams: what is larger is none. */
const DATAGRAM_LIMITS = Object.freeze({ maxFrameBytes: 4_096, maxWaitingBytes: 1_048_576 });

function datagramWebSocket() {
  return websocket(DATAGRAM_LIMITS);
}

function secureDatagramWebSocket() {
  return secureWebsocket(DATAGRAM_LIMITS);
}

/** Addresses that other machines may reach; loopback alone where there is nothing else. */
function localAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outer = all.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address));
  return (outer.length > 0 ? outer : all).map(({ address }) => address);
}
