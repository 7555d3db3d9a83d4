import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** What `srmudp://host:port?local=PORT` says. */
export interface SrmudpAddress {
  readonly remote: Endpoint;
  /** Where we are bound: a port, or `host:port`. */
  readonly local?: { readonly host?: string; readonly port: number };
}

/** @throws `INVALID_ARGUMENT` when the address lacks host or port, or has what cannot be used. */
export function parseAddress(address: URL): SrmudpAddress {
  const path = address.pathname === "/" ? "" : address.pathname;
  const beside = address.username + address.password + address.hash + path;
  const known = [...address.searchParams.keys()].every((name) => name === "local");
  if (address.hostname === "" || address.port === "" || beside !== "" || !known) {
    throw unusable(address, "expected srmudp://host:port and perhaps ?local=PORT");
  }
  const remote = { host: address.hostname.replace(/^\[|\]$/g, ""), port: Number(address.port) };
  const local = address.searchParams.get("local");
  return local === null ? { remote } : { remote, local: localOf(address, local) };
}

function localOf(address: URL, text: string): { host?: string; port: number } {
  const [, host, port] = /^(?:\[?([^\]]*?)\]?:)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw unusable(address, "local is a port, or an address of this machine and a port");
  }
  return { ...(host ? { host } : {}), port: Number(port) };
}

/** The address is not shown as it is: it may hold a password. */
function unusable(address: URL, expected: string): SealwireError {
  const message = `the address at ${address.host || "no host"} cannot be used; ${expected}`;
  return new SealwireError("INVALID_ARGUMENT", message);
}
