import type { DatagramSocket, Endpoint } from "../../src/core/contracts/datagram-socket.ts";
import { answerBinding } from "../../src/stun/binding-service.ts";
import { formatStun } from "../../src/stun/message.ts";

/** How the simulated router behaves, and what else is wrong. */
export interface NatKind {
  readonly mapping?:
    | "none"
    | "endpoint-independent"
    | "address-dependent"
    | "address-and-port-dependent";
  readonly filtering?: "endpoint-independent" | "address-dependent" | "address-and-port-dependent";
  /** No UDP passes. */
  readonly blocked?: boolean;
  /** The server has one address only. */
  readonly plain?: boolean;
  /** A stranger sends answers too, with transactions of his own. */
  readonly forge?: boolean;
  readonly onSend?: () => void;
}

const INSIDE: Endpoint = { host: "192.168.1.10", port: 5_000 };
const OUTSIDE = "203.0.113.7";
const HOSTS = ["198.51.100.1", "198.51.100.2"];
const PORTS = [3478, 3479];

/** A socket behind such a router, with a STUN server of two addresses and two ports outside. */
export function socketInside(nat: NatKind): DatagramSocket {
  const mappings = new Map<string, number>();
  const contacted = new Set<string>();
  let take: (bytes: Uint8Array, from: Endpoint) => void = () => {};
  return {
    address: INSIDE,
    receive(taker) {
      take = taker;
    },
    close: async () => {},
    send(bytes, to) {
      nat.onSend?.();
      if (nat.blocked) return;
      contacted.add(filterKey(nat, to));
      const source =
        nat.mapping === "none" ? INSIDE : { host: OUTSIDE, port: portOf(nat, mappings, to) };
      const answer = serve(bytes, source, to, nat.plain === true);
      if (nat.forge) queueMicrotask(() => take(forged(), to));
      if (answer === undefined || !contacted.has(filterKey(nat, answer.from))) return;
      queueMicrotask(() => take(answer.bytes, answer.from));
    },
  };
}

function portOf({ mapping }: NatKind, mappings: Map<string, number>, to: Endpoint): number {
  const byPort = mapping === "address-and-port-dependent" ? ` ${to.port}` : "";
  const key = mapping === "endpoint-independent" ? "all" : `${to.host}${byPort}`;
  const port = mappings.get(key) ?? 40_000 + mappings.size;
  mappings.set(key, port);
  return port;
}

/** Who is let in has this key among those that were sent to. */
function filterKey({ filtering }: NatKind, { host, port }: Endpoint): string {
  if (filtering === "address-dependent") return host;
  return filtering === "address-and-port-dependent" ? `${host} ${port}` : "anybody";
}

function serve(request: Uint8Array, source: Endpoint, at: Endpoint, plain: boolean) {
  const other = { host: another(HOSTS, at.host), port: another(PORTS, at.port) };
  const answer = answerBinding(request, source, plain ? {} : { origin: at, other });
  if (answer === undefined) return undefined;
  const host = answer.change.host ? other.host : at.host;
  const port = answer.change.port ? other.port : at.port;
  return { bytes: answer.bytes, from: { host, port } };
}

function another<Value>(both: readonly Value[], one: Value): Value {
  return both.find((value) => value !== one) ?? one;
}

function forged(): Uint8Array {
  const value = Uint8Array.of(0, 1, 0, 80, 6, 6, 6, 6);
  const attributes = [{ type: 0x0001, value }];
  return formatStun({ kind: "success", transaction: new Uint8Array(12), attributes });
}
