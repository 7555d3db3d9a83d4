import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAcknowledgement, MAX_RANGES, parseAcknowledgement } from "./acknowledgement.ts";
import { parseAddress } from "./address.ts";
import { kindOf } from "./datagram-kind.ts";
import {
  formatPublicKeyDatagram,
  formatSharedKeyDatagram,
  PUNCH,
  parseGreeting,
} from "./greeting-datagrams.ts";
import { greetingKey } from "./greeting-key.ts";
import { OwnNonces } from "./own-nonces.ts";
import { formatPacket, parsePacket } from "./packets.ts";
import { parsePublicKey } from "./public-key.ts";
import { Reassembly } from "./reassembly.ts";
import { ReplayGuard } from "./replay-guard.ts";
import { boxFor } from "./sealed-box.ts";
import { after, distance } from "./sequence.ts";

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

test("a packet comes out as it went in", () => {
  const packets = fc.record({
    control: fc.integer({ min: 0, max: 255 }),
    sequence: u32,
    retry: fc.integer({ min: 0, max: 255 }),
    time: fc.double({ noNaN: true, noDefaultInfinity: true }),
    data: bytes(2_000),
  });
  fc.assert(
    fc.property(packets, (packet) => {
      expect(parsePacket(formatPacket(packet))).toEqual(packet);
    }),
  );
});

test("an acknowledgement comes out as it went in, with at most its number of ranges", () => {
  const ranges = fc.array(
    fc.tuple(u32, fc.integer({ min: 0, max: 1_000 })).map(([first, more]) => ({
      first,
      last: after(first, more),
    })),
    { maxLength: 40 },
  );
  const said = fc.record({
    wantsAnswer: fc.boolean(),
    echo: fc.double({ noNaN: true, noDefaultInfinity: true }),
    windowBytes: u32,
    ranges,
  });
  fc.assert(
    fc.property(said, (acknowledgement) => {
      const { ranges: all, ...rest } = acknowledgement;
      const read = parseAcknowledgement(formatAcknowledgement(acknowledgement));
      expect(read).toEqual({ ...rest, ranges: all.slice(0, MAX_RANGES) });
    }),
  );
});

test("no bytes make a parser throw, and what it takes is what it would write", () => {
  const mutated = fc
    .tuple(
      fc.constantFrom(
        PUNCH,
        formatPublicKeyDatagram(greetingKey().pem),
        formatSharedKeyDatagram(greetingKey().pem, new Uint8Array(64)),
      ),
      fc.nat(400),
      fc.nat(255),
      fc.nat(400),
    )
    .map(([datagram, at, byte, length]) => {
      const copy = datagram.slice(0, Math.max(1, length));
      copy[at % copy.length] = byte;
      return copy;
    });
  fc.assert(
    fc.property(fc.oneof(bytes(600), mutated), (datagram) => {
      kindOf(datagram);
      parsePacket(datagram);
      parseAcknowledgement(datagram);
      const greeting = parseGreeting(datagram);
      if (greeting?.stage === "public-key") {
        expect(formatPublicKeyDatagram(greeting.pem)).toEqual(datagram);
        parsePublicKey(greeting.pem);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a box that was changed in any byte does not open", () => {
  const box = boxFor(new Uint8Array(32).fill(9));
  const sealed = box.seal(new Uint8Array(16).fill(3), new Uint8Array(40).fill(7));
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    expect(box.open(changed)).toBeUndefined();
  }
  expect(box.open(sealed)).toEqual(new Uint8Array(40).fill(7));
  expect(box.open(sealed.subarray(0, 31))).toBeUndefined();
});

test("messages come out in order whatever the order of the packets, over the wrap too", () => {
  const order = fc.tuple(u32, fc.shuffledSubarray([...Array(60).keys()], { minLength: 60 }));
  fc.assert(
    fc.property(order, ([first, positions]) => {
      const limits = { maxMessageBytes: 1_000, maxHeldBytes: 100_000 };
      const reassembly = new Reassembly(first, limits);
      const delivered: number[] = [];
      for (const at of [...positions, ...positions]) {
        const data = Uint8Array.of(at);
        const packet = { control: 4, sequence: after(first, at), retry: 0, time: 0, data };
        reassembly.take(packet, ([byte = -1]) => delivered.push(byte));
      }
      expect(delivered).toEqual([...Array(60).keys()]);
      expect(reassembly.ranges).toEqual([]);
      expect(reassembly.heldBytes).toBe(0);
    }),
  );
});

test("what is missing is named exactly, and what has arrived as ascending ranges", () => {
  const some = fc.uniqueArray(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(u32, some, (first, arrived) => {
      const reassembly = new Reassembly(first, { maxMessageBytes: 1_000, maxHeldBytes: 100_000 });
      for (const at of arrived) {
        const sequence = after(first, at);
        reassembly.take(
          { control: 0, sequence, retry: 0, time: 0, data: new Uint8Array(1) },
          () => {},
        );
      }
      const highest = Math.max(...arrived);
      const expected = [...Array(highest).keys()].filter((at) => !arrived.includes(at));
      expect([...reassembly.missing()].map((at) => distance(first, at))).toEqual(expected);
    }),
  );
});

test("own nonces never come twice, look like nothing, and are known again", () => {
  const nonces = new OwnNonces();
  const others = new OwnNonces();
  const seen = new Set<string>();
  for (let count = 0; count < 1_000; count++) {
    const nonce = nonces.next();
    seen.add(Buffer.from(nonce).toString("hex"));
    expect(nonces.made(nonce)).toBe(true);
    expect(others.made(nonce)).toBe(false);
  }
  expect(seen.size).toBe(1_000);
});

test("the guard against replay forgets nonces but not that they are old", () => {
  const guard = new ReplayGuard(10);
  const nonce = (count: number) => Uint8Array.of(...new Array(15).fill(0), count);
  for (let count = 0; count < 50; count++) expect(guard.fresh(nonce(count), count)).toBe(true);
  for (let count = 0; count < 50; count++) expect(guard.fresh(nonce(count), count)).toBe(false);
  expect(guard.fresh(nonce(99), 51)).toBe(true);
});

test.each([
  ["srmudp://192.0.2.1:9000", { remote: { host: "192.0.2.1", port: 9000 } }],
  [
    "srmudp://[::1]:9000?local=9001",
    { remote: { host: "::1", port: 9000 }, local: { port: 9001 } },
  ],
  [
    "srmudp://peer.example:1?local=127.0.0.1:2",
    { remote: { host: "peer.example", port: 1 }, local: { host: "127.0.0.1", port: 2 } },
  ],
])("reads the address %s", (address, parsed) => {
  expect(parseAddress(new URL(address))).toEqual(parsed);
});

test.each([
  "srmudp://192.0.2.1",
  "srmudp://u:p@192.0.2.1:1",
  "srmudp://192.0.2.1:1/path",
  "srmudp://192.0.2.1:1?local=99999",
  "srmudp://192.0.2.1:1?secret=no",
])("refuses the address %s without repeating what may be secret in it", (address) => {
  expect(() => parseAddress(new URL(address))).toThrow(
    expect.objectContaining({
      code: "INVALID_ARGUMENT",
      message: expect.not.stringContaining("u:p"),
    }),
  );
});
