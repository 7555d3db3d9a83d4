import { BlockList, isIP, isIPv4 } from "node:net";

/** What kind of place an address is. */
export type AddressKind = "public" | "private" | "unusable";

/**
 * Which addresses lead into the network of the proxy instead of the public one (RFC 6890 and the
 * registries that follow it), and which are no single place at all.
 *
 * Addresses with an IPv4 address inside (mapped, NAT64, 6to4, Teredo) count as private, because
 * they may lead to any.
 */
export function kindOfAddress(address: string): AddressKind {
  const plain = unmapped(address);
  // A zone names an interface of this machine, so it is never public.
  if (isIP(plain) === 0 || plain.includes("%")) return "unusable";
  const family = isIPv4(plain) ? "ipv4" : "ipv6";
  if (UNUSABLE.check(plain, family)) return "unusable";
  return PRIVATE.check(plain, family) ? "private" : "public";
}

/** An IPv4 address in the form of IPv6 as the IPv4 address it is (RFC 4291, section 2.5.5.2). */
export function unmapped(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [, high, low] =
    /^(?:0{0,4}:){0,5}:?ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16);
  return [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join(".");
}

/** Networks as a list that addresses can be checked against. */
export function networks(written: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of written) {
    const [address = "", bits = ""] = network.split("/");
    list.addSubnet(address, Number(bits), isIPv4(address) ? "ipv4" : "ipv6");
  }
  return list;
}

/** "This network", multicast, broadcast and what is reserved: nobody there could answer. */
const UNUSABLE = /* @__PURE__ */ networks(["0.0.0.0/8", "224.0.0.0/3", "::/128", "ff00::/8"]);

const PRIVATE = /* @__PURE__ */ networks([
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "::/96",
  "::1/128",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/32",
  "2001:db8::/32",
  "2002::/16",
  "5f00::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
]);
