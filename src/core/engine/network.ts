/**
 * The part of an address that one subscriber has for himself: an IPv4 address, or the first half
 * of an IPv6 address, since each household commands 2^64 of those. Ports are left out.
 */
export function networkOf(remote: string): string {
  const host = hostOf(remote);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1];
  if (mapped !== undefined) return mapped;
  return host.includes(":") ? `${firstHalf(host)}::/64` : host;
}

function hostOf(remote: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(remote)?.[1];
  if (bracketed !== undefined) return bracketed;
  const single = remote.indexOf(":") === remote.lastIndexOf(":");
  return single ? remote.replace(/:\d*$/, "") : remote;
}

/** The first four groups, with those written out that `::` stands for. */
function firstHalf(address: string): string {
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(":").length;
  const zeros = Array.from({ length: Math.max(0, missing) }, () => "0");
  const all = [...groups, ...zeros, ...(tail ?? "").split(":")];
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, "") || "0")
    .join(":");
}
