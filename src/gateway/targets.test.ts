import { describe, expect, it } from "vitest";
import { kindOfAddress, unmapped } from "./special-addresses.ts";
import { guardTargets, type TargetRules } from "./targets.ts";

const RULES: TargetRules = { allowPrivate: false, remotePorts: { from: 1_024, to: 65_535 } };

describe("kindOfAddress", () => {
  it.each([...["8.8.8.8", "1.1.1.1", "223.255.255.1", "2a00:1450::1", "2606:4700::1111"]])(
    "calls %s public",
    (address) => expect(kindOfAddress(address)).toBe("public"),
  );

  it.each([
    ...["127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255"],
    ...["192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.2.1"],
    ...["::1", "fe80::1", "fc00::1", "fd12::1", "::ffff:10.0.0.1", "::ffff:7f00:1"],
    ...["64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "::7f00:1", "2001:db8::1", "fec0::1"],
  ])("calls %s private", (address) => expect(kindOfAddress(address)).toBe("private"));

  it.each([
    ...["0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "255.255.255.255", "240.0.0.1"],
    ...["::", "ff02::1", "fe80::1%eth0", "1.2.3", "0x7f.1", "", "localhost"],
  ])("calls %s unusable", (address) => expect(kindOfAddress(address)).toBe("unusable"));

  it("sees through the forms of IPv6 for IPv4 addresses", () => {
    expect(unmapped("::FFFF:8.8.8.8")).toBe("8.8.8.8");
    expect(unmapped("::ffff:0808:0808")).toBe("8.8.8.8");
    expect(unmapped("0:0:0:0:0:ffff:808:808")).toBe("8.8.8.8");
    expect(unmapped("2a00::1")).toBe("2a00::1");
    expect(kindOfAddress("::ffff:0:0")).toBe("unusable");
  });
});

describe("guardTargets", () => {
  const named = (...addresses: readonly string[]) => ({
    ...RULES,
    lookup: async (name: string) => (name === "peer.example" ? addresses : []),
  });

  it("lets links lead to public places", async () => {
    expect(await guardTargets(RULES)("8.8.8.8", 9_000)).toEqual({ host: "8.8.8.8", port: 9_000 });
  });

  it.each([
    ["127.0.0.1", 9_000],
    ["::ffff:127.0.0.1", 9_000],
    ["224.0.0.1", 9_000],
    ["8.8.8.8", 53],
  ])("refuses %s port %i", async (host, port) => {
    const refused = guardTargets(RULES)(host, port);
    await expect(refused).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });

  it("allows private places when it is told to, and nowhere that is no place", async () => {
    const guard = guardTargets({ ...RULES, allowPrivate: true });
    expect(await guard("127.0.0.1", 9_000)).toEqual({ host: "127.0.0.1", port: 9_000 });
    await expect(guard("255.255.255.255", 9_000)).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
    });
  });

  it("resolves a name once and gives the address, so that it cannot become another", async () => {
    let times = 0;
    const lookup = async () => (times++ === 0 ? ["8.8.8.8"] : ["127.0.0.1"]);
    const target = await guardTargets({ ...RULES, lookup })("peer.example", 9_000);
    expect(target.host).toBe("8.8.8.8");
    expect(times).toBe(1);
  });

  it("takes of a name the first address that is allowed, or refuses", async () => {
    const mixed = guardTargets(named("127.0.0.1", "8.8.4.4"));
    expect((await mixed("peer.example", 9_000)).host).toBe("8.8.4.4");
    const inside = guardTargets(named("10.0.0.1", "::1"));
    await expect(inside("peer.example", 9_000)).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
      message: expect.not.stringContaining("10.0.0.1"),
    });
    await expect(inside("nobody.example", 9_000)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it.each([
    ["8.8.0.0/16", "8.8.9.9", 53, true],
    ["8.8.8.8:9000", "8.8.8.8", 9_000, true],
    ["8.8.8.8:9000", "8.8.8.8", 9_001, false],
    ["127.0.0.1", "127.0.0.1", 9_000, true],
    ["8.8.8.8", "8.8.4.4", 9_000, false],
    ["[2a00::1]:9000", "2a00::1", 9_000, true],
    ["2a00::/16", "2a00::5", 9_000, true],
    ["peer.example:9000", "peer.example", 9_000, true],
    ["PEER.example", "peer.example", 1, true],
    ["peer.example:9000", "peer.example", 1, false],
  ])("with the list %s decides on %s port %i: %s", async (listed, host, port, allowed) => {
    const guard = guardTargets({ ...named("10.0.0.9"), allowedTargets: [listed] });
    const judged = await guard(host, port).then(
      () => true,
      () => false,
    );
    expect(judged).toBe(allowed);
  });

  it.each(["a b", "1.2.3.4/33", "::/129", "x:y:z", "host:123456", ""])(
    "refuses a list with %j",
    (listed) => {
      expect(() => guardTargets({ ...RULES, allowedTargets: [listed] })).toThrow(/allowedTargets/);
    },
  );
});
