/** The bytes of an IP address, 4 or 16; `undefined` for what is none. */
export function ipBytes(host: string): Uint8Array | undefined {
  return host.includes(":") ? ipv6Bytes(host) : ipv4Bytes(host);
}

/** An address as text: IPv6 in the form of RFC 5952, which is what systems show as well. */
export function ipText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join(".") : ipv6Text(bytes);
}

/** Whether nobody outside a local network can reach it: RFC 1918, 6598, 4193, 3927, loopback. */
export function isLocalIp(host: string): boolean {
  const bytes = ipBytes(host);
  if (bytes === undefined) return false;
  const [first = 0, second = 0] = bytes;
  if (bytes.length === 16) {
    const loopback = bytes.every((byte, at) => byte === (at === 15 ? 1 : 0));
    return loopback || (first & 0xfe) === 0xfc || (first === 0xfe && (second & 0xc0) === 0x80);
  }
  if (first === 10 || first === 127) return true;
  if (first === 192 && second === 168) return true;
  if (first === 169 && second === 254) return true;
  return (first === 172 && second >> 4 === 1) || (first === 100 && second >> 6 === 1);
}

function ipv4Bytes(host: string): Uint8Array | undefined {
  const parts = host.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) {
    return undefined;
  }
  const numbers = parts.map(Number);
  return numbers.every((number) => number < 256) ? Uint8Array.from(numbers) : undefined;
}

function ipv6Bytes(host: string): Uint8Array | undefined {
  const halves = host.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, at) => groupBytes(half, at === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const length = head.length + (tail?.length ?? 0);
  if (halves.length === 2 ? length > 14 : length !== 16) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head);
  bytes.set(tail ?? [], 16 - (tail?.length ?? 0));
  return bytes;
}

/** Groups between colons; the last of all may be an IPv4 address. */
function groupBytes(half: string, atEnd: boolean): readonly number[] | undefined {
  if (half === "") return [];
  const bytes: number[] = [];
  const groups = half.split(":");
  for (const [at, group] of groups.entries()) {
    const ipv4 = atEnd && at === groups.length - 1 ? ipv4Bytes(group) : undefined;
    if (ipv4 !== undefined) bytes.push(...ipv4);
    else if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    else bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
  }
  return bytes;
}

function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  const { begin, length } = longestZeros(groups);
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, begin).join(":")}::${groups.slice(begin + length).join(":")}`;
}

/** The first of the longest runs of zero groups. */
function longestZeros(groups: readonly string[]): { begin: number; length: number } {
  let longest = { begin: 0, length: 0 };
  for (let begin = 0; begin < groups.length; begin++) {
    let end = begin;
    while (groups[end] === "0") end++;
    if (end - begin > longest.length) longest = { begin, length: end - begin };
  }
  return longest;
}
