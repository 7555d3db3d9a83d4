import { SealwireError } from "../../core/model/errors.ts";

/** A place on the network as Node wants it: an IPv6 address without brackets. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** @throws `INVALID_ARGUMENT` when the address lacks host or port, or has what TCP cannot use. */
export function hostAndPort(address: URL): HostAndPort {
  const beside = address.username + address.password + address.search + address.hash;
  const path = address.pathname === "/" ? "" : address.pathname;
  if (address.hostname === "" || address.port === "" || beside !== "" || path !== "") {
    const example = `${address.protocol}//127.0.0.1:7000`;
    // The address is not shown as it is: it may hold a password.
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `the address at ${address.host || "no host"} cannot be used; ` +
        `expected host and port and nothing else, such as ${example}`,
    );
  }
  return { host: address.hostname.replace(/^\[|\]$/g, ""), port: Number(address.port) };
}

/**
 * `host:port` for people, logs and URLs. An IPv4 address that came through a dual-stack socket
 * (`::ffff:127.0.0.1`, RFC 4291 section 2.5.5.2) is shown as IPv4.
 */
export function showAddress(host: string | undefined, port: number | undefined): string {
  if (host === undefined || port === undefined) return "unknown";
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, "");
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}
