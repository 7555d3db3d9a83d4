import { join } from "../bytes/join.ts";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { ipBytes, ipText } from "./ip-address.ts";

const FAMILY_IPV4 = 1;
const FAMILY_IPV6 = 2;
const MAGIC_COOKIE = Uint8Array.of(0x21, 0x12, 0xa4, 0x42);

/** The value of MAPPED-ADDRESS and its kind; `undefined` for a host that is no IP address. */
export function formatAddress({ host, port }: Endpoint): Uint8Array | undefined {
  const ip = ipBytes(host);
  return ip && addressBytes(ip, port);
}

/**
 * The value of XOR-MAPPED-ADDRESS (RFC 8489, section 14.2): laid over with cookie and transaction,
 * because some routers rewrite whatever looks like an address.
 */
export function formatXorAddress(
  { host, port }: Endpoint,
  transaction: Uint8Array,
): Uint8Array | undefined {
  const ip = ipBytes(host);
  return ip && addressBytes(over(ip, transaction), port ^ 0x2112);
}

/** Reads the value of MAPPED-ADDRESS and its kind; `undefined` where it has another form. */
export function parseAddress(value: Uint8Array): Endpoint | undefined {
  const found = readValue(value);
  return found && endpointOf(found.ip, found.port);
}

/** Reads the value of XOR-MAPPED-ADDRESS; `undefined` where it has another form. */
export function parseXorAddress(value: Uint8Array, transaction: Uint8Array): Endpoint | undefined {
  const found = readValue(value);
  return found && endpointOf(over(found.ip, transaction), found.port ^ 0x2112);
}

function addressBytes(ip: Uint8Array, port: number): Uint8Array {
  const family = ip.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6;
  return new Writer({ initialBytes: 20 }).uint8(0).uint8(family).uint16(port).bytes(ip).finish();
}

function readValue(value: Uint8Array): { ip: Uint8Array; port: number } | undefined {
  if (value.length !== 8 && value.length !== 20) return undefined;
  const fields = new Reader(value);
  fields.uint8();
  const family = fields.uint8();
  const port = fields.uint16();
  const expected = family === FAMILY_IPV4 ? 4 : family === FAMILY_IPV6 ? 16 : 0;
  return fields.remaining === expected ? { ip: fields.rest(), port } : undefined;
}

function over(ip: Uint8Array, transaction: Uint8Array): Uint8Array {
  const mask = join([MAGIC_COOKIE, transaction]);
  return ip.map((byte, at) => byte ^ (mask[at] ?? 0));
}

function endpointOf(ip: Uint8Array, port: number): Endpoint {
  return { host: ipText(ip), port };
}
