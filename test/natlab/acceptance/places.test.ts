import { afterEach, describe, expect, test, vi } from "vitest";
import { Laboratory, missingLaboratory } from "../laboratory.ts";
import { spread, tell, times, WHOLE, WHOLE_TIMEOUT } from "./figures.ts";
import { DIRECT, type Met, meet } from "./meet.ts";
import { Scene, type SceneOptions } from "./scene.ts";

const missing = missingLaboratory();
if (WHOLE) vi.setConfig(WHOLE_TIMEOUT);
const lab = new Laboratory("q");
afterEach(() => lab.down());

/** Meets so often in one place; waits for a direct path and says where it led. */
async function meetings(
  options: SceneOptions,
  repeat: number,
  remote: string,
): Promise<readonly Met[]> {
  const scene = await Scene.open(lab, options);
  const all: Met[] = [];
  for (let i = 0; i < repeat; i++) all.push(await meet(scene, { ...DIRECT, remote }));
  await lab.down();
  return all;
}

/** Prints the row and gives how many did not come to where they should. */
function missed(row: string, wanted: string, all: readonly Met[]): number {
  const got = all.flatMap(({ wantedMs }) => wantedMs ?? []);
  tell(row, wanted, `${got.length} of ${all.length}, ${spread(got)}`);
  return all.length - got.length;
}

/** Nobody of this side hears the neighbour directly, as in a wireless network for guests. */
function isolate(lab: Laboratory): void {
  lab.drop("a", "input", "ip saddr 192.168.1.20");
}

function noIpv4(lab: Laboratory): void {
  for (const host of ["a", "b"] as const) lab.run(host, "ip", "-4", "addr", "flush", "dev", "eth0");
}

function noUdpOverIpv4(lab: Laboratory): void {
  for (const router of ["ra", "rb"] as const) {
    lab.drop(router, "forward", "meta nfproto ipv4 meta l4proto udp");
  }
}

const OVER_IPV6 = "2001:db8:b::10";
const IPV6_SERVICE = "udp://[2001:db8:ff::1]:3600";

describe.skipIf(missing !== undefined)("two peers in odd places", () => {
  test.skipIf(!WHOLE)("are connected where a router takes what nobody asked for", async () => {
    const routers = { a: "port-restricted", b: "port-restricted", lab: ["--wan", "accept"] };
    const scene = await Scene.open(lab, routers);
    const all: Met[] = [];
    for (let i = 0; i < times(10, 1); i++)
      all.push(await meet(scene, { ...DIRECT, withinMs: 8_000 }));
    const direct = all.filter(({ wantedMs }) => wantedMs !== undefined).length;
    const figure = `${all.length} of ${all.length}, ${direct} of them direct; ${spread(all.map(({ usableMs }) => usableMs))}`;
    tell("--wan accept", "all connected", figure);
    expect(all.every(({ usableMs }) => usableMs <= 1_000)).toBe(true);
  });

  test.skipIf(!WHOLE)("meet where both homes have the same inside addresses", async () => {
    const routers = { a: "port-restricted", b: "restricted", lab: ["--overlap"] };
    const all = await meetings(routers, 10, "198.51.100.12");
    expect(missed("--overlap", "all direct", all)).toBe(0);
  });

  test("meet inside, in one home", async () => {
    const all: Met[] = [];
    for (const a of WHOLE
      ? ["port-restricted", "symmetric", "full-cone", "blocked"]
      : ["symmetric"]) {
      all.push(
        ...(await meetings({ a, caller: "a2", listener: "a" }, times(5, 1), "192.168.1.10")),
      );
    }
    expect(missed("a2 and a in one network", "all on the inside path", all)).toBe(0);
  });

  test.skipIf(!WHOLE)(
    "meet by their router's outside in a home that keeps them apart",
    async () => {
      const all: Met[] = [];
      for (const a of ["full-cone", "restricted"]) {
        const apart = { a, caller: "a2", listener: "a", prepare: isolate } as const;
        all.push(...(await meetings(apart, 5, "198.51.100.11")));
      }
      expect(missed("hairpin: a2 and a kept apart", "all direct, by the outside", all)).toBe(0);
    },
  );

  test.skipIf(!WHOLE)(
    "are relayed in a home that keeps them apart, without a hairpin",
    async () => {
      const apart = { a: "symmetric", caller: "a2", listener: "a", prepare: isolate } as const;
      const scene = await Scene.open(lab, apart);
      const relayed = { caller: "relay-udp", listener: "relay-udp", withinMs: 5_000 } as const;
      const met = await meet(scene, relayed);
      tell("kept apart, no hairpin", "relay within 1 s", `${met.wantedMs} ms`);
      expect(met.wantedMs).toBeLessThanOrEqual(1_000);
    },
  );

  test("meet over IPv6 where there is nothing else", async () => {
    const all: Met[] = [];
    for (const kind of WHOLE ? ["firewall", "open"] : ["firewall"]) {
      const words = { lab: ["--ipv6", kind], rendezvous: IPV6_SERVICE, prepare: noIpv4 };
      all.push(...(await meetings(words, times(10, 1), OVER_IPV6)));
    }
    expect(missed("IPv6 only", "all direct", all)).toBe(0);
  });

  test.skipIf(!WHOLE)("meet over IPv6 where no UDP over IPv4 passes", async () => {
    const all: Met[] = [];
    for (const rendezvous of [IPV6_SERVICE, "udp://198.51.100.1:3600"]) {
      const routers = { a: "port-restricted", b: "port-restricted", prepare: noUdpOverIpv4 };
      all.push(
        ...(await meetings({ ...routers, lab: ["--ipv6", "firewall"], rendezvous }, 5, OVER_IPV6)),
      );
    }
    expect(missed("IPv6, and IPv4 without UDP", "all direct over IPv6", all)).toBe(0);
  });

  test.skipIf(!WHOLE)("prefer IPv6 where both pass", async () => {
    const routers = { a: "port-restricted", b: "port-restricted", lab: ["--ipv6", "firewall"] };
    const scene = await Scene.open(lab, routers);
    await meet(scene, DIRECT);
    await scene.caller.ask("connect", { ...scene.meeting, timeoutMs: 20_000 });
    const overIpv6 = ({ remote }: { remote?: { host: string } }) =>
      remote?.host.includes(":") === true;
    const told = await scene.caller.status(overIpv6, 5_000);
    tell("IPv4 and IPv6", "IPv6 chosen", told?.remote?.host ?? "never");
    expect(told).toBeDefined();
  });
});
