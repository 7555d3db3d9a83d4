import { lookup } from "node:dns/promises";
import { isIP, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import { kindOfAddress, networks, unmapped } from "./special-addresses.ts";

/** Ports from one to another, both included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Where links may lead. */
export interface TargetRules {
  /** Also private, loopback and link-local addresses, and this machine's own. */
  readonly allowPrivate: boolean;
  /** Absent: everywhere that is allowed otherwise. */
  readonly allowedTargets?: readonly string[] | undefined;
  readonly remotePorts: PortRange;
  /** Gives the addresses of a name. */
  readonly lookup?: ((name: string) => Promise<readonly string[]>) | undefined;
}

/** Resolves a host and a port to the one place that a link may lead to, for as long as it lives. */
export type TargetGuard = (host: string, port: number) => Promise<Endpoint>;

/**
 * Keeps users of the proxy from sending datagrams into its own network. A name is resolved once and
 * stays what it was, so that it cannot become another address after it was judged.
 *
 * The guard throws `PERMISSION_DENIED` for a place that is not allowed and `NOT_FOUND` for a name
 * that has no address.
 *
 * @throws `INVALID_ARGUMENT` when a target of the list cannot be read
 */
export function guardTargets(rules: TargetRules): TargetGuard {
  const listed = rules.allowedTargets?.map(parseTarget);
  const resolve = rules.lookup ?? lookupName;
  return async (host, port) => {
    const byName = listed?.some((target) => target.matches(host, port));
    const addresses = isIP(host) === 0 ? await resolved(resolve, host) : [host];
    const permitted = addresses.map(unmapped).find((address) => {
      if (kindOfAddress(address) === "unusable") return false;
      if (listed) return byName || listed.some((target) => target.matches(address, port));
      return inRange(port, rules.remotePorts) && (rules.allowPrivate || isForeign(address));
    });
    if (permitted === undefined) throw forbidden(host, port);
    return { host: permitted, port };
  };
}

/** A target of the list: `203.0.113.0/24`, `203.0.113.9:7000`, `[2001:db8::1]:7000`, a name. */
interface ListedTarget {
  matches(host: string, port: number): boolean;
}

function parseTarget(text: string): ListedTarget {
  const [, bracketed, open, portText] =
    /^(?:\[([^\]]+)\]|([^:\s]+|[0-9a-f:./]*:[0-9a-f:./]*?))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const place = bracketed ?? open ?? "";
  const [address = "", bits] = place.split("/");
  const wanted = portText === undefined ? undefined : Number(portText);
  const portFits = (port: number) => wanted === undefined || wanted === port;
  const family = isIP(address);
  if (family === 0) {
    if (!/^[a-z0-9.-]+$/i.test(place)) throw unreadable(text);
    return {
      matches: (host, port) => portFits(port) && host.toLowerCase() === place.toLowerCase(),
    };
  }
  const most = family === 4 ? 32 : 128;
  if (bits !== undefined && !(/^\d+$/.test(bits) && Number(bits) <= most)) throw unreadable(text);
  const list = networks([`${address}/${bits ?? most}`]);
  return {
    matches: (host, port) =>
      portFits(port) && isIP(host) !== 0 && list.check(host, isIPv4(host) ? "ipv4" : "ipv6"),
  };
}

function inRange(port: number, { from, to }: PortRange): boolean {
  return port >= from && port <= to;
}

/** A public address that is not this machine's: its own services must not be reached either. */
function isForeign(address: string): boolean {
  if (kindOfAddress(address) !== "public") return false;
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return !own.some((each) => each.address === address);
}

async function resolved(
  resolve: (name: string) => Promise<readonly string[]>,
  host: string,
): Promise<readonly string[]> {
  const addresses = await resolve(host).catch(() => []);
  if (addresses.length > 0) return addresses;
  const message = `${JSON.stringify(host)} has no address; check remote_host`;
  throw new SealwireError("NOT_FOUND", message);
}

async function lookupName(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}

/** Says nothing of what the name stands for: that would be a look into the proxy's network. */
function forbidden(host: string, port: number): SealwireError {
  const message =
    `this proxy makes no links to ${JSON.stringify(host)} port ${port}; ` +
    "it may be private or not among its allowed targets";
  return new SealwireError("PERMISSION_DENIED", message);
}

function unreadable(text: string): SealwireError {
  const message =
    `allowedTargets has ${JSON.stringify(text)}; write an address, a network such as ` +
    "203.0.113.0/24, or a name, with :PORT behind it if only one port is meant";
  return new SealwireError("INVALID_ARGUMENT", message);
}
