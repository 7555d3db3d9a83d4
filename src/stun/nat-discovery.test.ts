import { expect, test } from "vitest";
import { type NatKind, socketInside } from "../../test/stun/simulated-nat.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { BindingClient } from "./binding-client.ts";
import { discoverNat } from "./nat-discovery.ts";
import { natWords, reachOf } from "./nat-words.ts";

const SERVER: Endpoint = { host: "198.51.100.1", port: 3478 };
const SECOND: Endpoint = { host: "198.51.100.2", port: 3479 };

/** Discovers with time that passes by itself. */
async function discovered(nat: NatKind, servers: readonly Endpoint[] = [SERVER]) {
  const clock = manualClock();
  const client = new BindingClient(socketInside(nat), clock);
  const report = discoverNat(client, servers, ({ host }) => host === "192.168.1.10");
  let done = false;
  void report.finally(() => {
    done = true;
  });
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(250);
  }
  return report;
}

const BEHAVIOURS = [
  "endpoint-independent",
  "address-dependent",
  "address-and-port-dependent",
] as const;
const PAIRS = BEHAVIOURS.flatMap((mapping) =>
  BEHAVIOURS.map((filtering) => ({ mapping, filtering })),
);

test.each(PAIRS)("finds out mapping $mapping with filtering $filtering", async (nat) => {
  expect(await discovered(nat)).toMatchObject({ udp: true, ...nat });
});

test.each(BEHAVIOURS)("finds out filtering %s without translation", async (filtering) => {
  const report = await discovered({ mapping: "none", filtering });
  expect(report).toMatchObject({ mapping: "none", filtering });
});

test("compares two servers where none has a second address", async () => {
  const easy = { mapping: "endpoint-independent", plain: true } as const;
  const hard = { mapping: "address-and-port-dependent", plain: true } as const;
  expect(await discovered(easy, [SERVER, SECOND])).toMatchObject({
    mapping: "endpoint-independent",
    filtering: "unknown",
  });
  expect(await discovered(hard, [SERVER, SECOND])).toMatchObject({ mapping: "dependent" });
});

test("does not claim to know the mapping from one plain server", async () => {
  const report = await discovered({ mapping: "endpoint-independent", plain: true });
  expect(report.mapping).toBe("unknown");
  expect(reachOf(report)).toBe("unknown");
  expect(natWords(report).at(-1)).toContain("two STUN servers");
});

test("tells a network that blocks UDP", async () => {
  const report = await discovered({ blocked: true }, [SERVER, SECOND]);
  expect(report).toMatchObject({ udp: false, silent: [SERVER, SECOND] });
  expect(reachOf(report)).toBe("blocked");
  expect(natWords(report).join(" ")).toContain("a relay over WebSocket");
});

test("says why a hard router needs the relay", async () => {
  const report = await discovered({
    mapping: "address-and-port-dependent",
    filtering: "address-and-port-dependent",
  });
  expect(reachOf(report)).toBe("hard");
  expect(natWords(report)).toEqual([
    "Seen from outside, this machine is 203.0.113.7:40000.",
    "The router takes another outside port for each destination address and port.",
    "Only the very address and port that were sent to may send back.",
    expect.stringContaining("the relay carries the data"),
  ]);
});

test("calls a machine open only when nothing filters", async () => {
  const none = { mapping: "none", filtering: "endpoint-independent" } as const;
  expect(reachOf(await discovered(none))).toBe("open");
  const wall = { mapping: "none", filtering: "address-and-port-dependent" } as const;
  expect(reachOf(await discovered(wall))).toBe("easy");
});
