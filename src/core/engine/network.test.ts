import { expect, test } from "vitest";
import { networkOf } from "./network.ts";

test.each([
  ["192.0.2.1:5000", "192.0.2.1"],
  ["192.0.2.1", "192.0.2.1"],
  ["example.org:80", "example.org"],
  ["[2001:db8:1:2:3:4:5:6]:5000", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["[2001:0db8:0001::]:1", "2001:db8:1:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["[fe80::1%eth0]:1", "fe80:0:0:0::/64"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["[::ffff:192.0.2.1]:7", "192.0.2.1"],
  ["memory", "memory"],
  ["", ""],
])("%s belongs to %s", (remote, network) => {
  expect(networkOf(remote)).toBe(network);
});
