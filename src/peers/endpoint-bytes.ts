import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";

/** Bytes of an endpoint on the wire: family, port, and an address with room for IPv6. */
export const ENDPOINT_BYTES = 19;

/** Ports of UDP and TCP end here; services number their WebSockets beyond it. */
export const MAX_PORT = 65_535;

const NONE = 0;
const IPV4 = 4;
const IPV6 = 6;

/** Writes an endpoint in 19 bytes; all zero for none, and for what has no IP address or port. */
export function writeEndpoint(writer: Writer, endpoint: Endpoint | undefined): Writer {
  const address = endpoint && addressBytes(endpoint.host);
  if (!endpoint || !address || endpoint.port > MAX_PORT) {
    return writer.bytes(new Uint8Array(ENDPOINT_BYTES));
  }
  writer.uint8(address.length === 4 ? IPV4 : IPV6).uint16(endpoint.port);
  return writer.bytes(address).bytes(new Uint8Array(16 - address.length));
}

/** Reads what `writeEndpoint` wrote. @throws `PROTOCOL_VIOLATION` */
export function readEndpoint(reader: Reader): Endpoint | undefined {
  const family = reader.uint8();
  const port = reader.uint16();
  const bytes = reader.bytes(16);
  if (family === NONE) return undefined;
  if (family === IPV4) return { host: bytes.subarray(0, 4).join("."), port };
  if (family === IPV6) return { host: ipv6Text(bytes), port };
  const message = `an address of family ${family}; expected ${IPV4} or ${IPV6}`;
  throw new SealwireError("PROTOCOL_VIOLATION", message);
}

/** One text for each endpoint, to find it again. */
export function endpointKey({ host, port }: Endpoint): string {
  return `${host}|${port}`;
}

/** Four or sixteen bytes of an address in text; `undefined` for what is no IP address. */
export function addressBytes(host: string): Uint8Array | undefined {
  return host.includes(":") ? ipv6Bytes(host) : ipv4Bytes(host);
}

function ipv4Bytes(host: string): Uint8Array | undefined {
  const parts = host.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.every((number) => number < 256) ? Uint8Array.from(numbers) : undefined;
}

function ipv6Bytes(host: string): Uint8Array | undefined {
  // The parser of URLs knows every way to write one, and gives groups alone.
  const url = `http://[${host.split("%")[0]}]/`;
  if (!URL.canParse(url)) return undefined;
  const [head = "", tail] = new URL(url).hostname.slice(1, -1).split("::");
  const before = groupsOf(head);
  const after = groupsOf(tail ?? "");
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return Uint8Array.from([...before, ...zeros, ...after].flatMap((n) => [n >> 8, n & 255]));
}

function groupsOf(text: string): readonly number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
