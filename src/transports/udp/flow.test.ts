import fc from "fast-check";
import { expect, test } from "vitest";
import { SEED, sending, taken } from "../../../test/udp/flows.ts";
import { join } from "../../bytes/join.ts";
import type { Inflow } from "./inflow.ts";
import { Outflow } from "./outflow.ts";
import { PartPool } from "./part-pool.ts";
import { FIRST_CREDIT_BYTES, pieceBytes } from "./piece.ts";
import type { Segment } from "./segment.ts";

/** Shows an inflow a stream cut so, what it has not used again and again; whether all was well. */
function shown(inflow: Inflow, stream: Uint8Array, cuts: readonly number[] = []): boolean {
  let [begin, end] = [0, 0];
  for (const cut of [...cuts, stream.length]) {
    end = Math.min(end + cut, stream.length);
    const used = inflow.push(stream.subarray(begin, end));
    if (used === undefined) return false;
    begin += used;
    expect(end - begin).toBeLessThan(inflow.needed);
    expect(inflow.arrived).toBe(inflow.verified + end - begin);
  }
  return true;
}

test("data and credit arrive as they were sent, however the stream is cut", () => {
  const said = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  );
  fc.assert(
    fc.property(fc.array(said, { maxLength: 20 }), fc.array(fc.nat(50)), (list, cuts) => {
      const { parts, outflow } = sending();
      for (const one of list) {
        if (typeof one === "number")
          outflow.tellCredit(one, { received: 2 * one, spares: one % 2 === 1 });
        else outflow.write([one]);
      }
      outflow.tellEnd(0);
      const { data, credit, inflow, ended } = taken();
      expect(shown(inflow, join(parts), cuts)).toBe(true);
      expect(join(data)).toEqual(join(list.filter((one) => typeof one !== "number")));
      expect(credit).toEqual(list.filter((one) => typeof one === "number"));
      expect(inflow.verified).toBe(join(parts).length);
      expect(ended()).toBe(true);
    }),
  );
});

test("nothing that was damaged is handed over, and what is sent again completes the stream", () => {
  const list = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1 });
  const damage = fc.record({ at: fc.nat(), bit: fc.nat(7), cut: fc.integer({ min: 1, max: 99 }) });
  fc.assert(
    fc.property(list, damage, (pieces, { at, bit, cut }) => {
      const { parts, outflow } = sending();
      for (const piece of pieces) outflow.write([piece]);
      const whole = join(parts);
      const damaged = whole.slice();
      const place = at % whole.length;
      damaged[place] = (damaged[place] ?? 0) ^ (1 << bit);
      const { data, inflow } = taken();
      shown(inflow, damaged, Array(damaged.length).fill(cut));
      const good = join(data);
      expect(good).toEqual(join(pieces).subarray(0, good.length));
      expect(inflow.verified).toBeLessThanOrEqual(place);
      inflow.restart();
      expect(shown(inflow, whole.subarray(inflow.verified))).toBe(true);
      expect(join(data)).toEqual(join(pieces));
    }),
  );
});

test("a whole piece at another place of the stream is not taken", () => {
  const { parts, outflow } = sending();
  outflow.write([Uint8Array.of(1)]);
  outflow.write([Uint8Array.of(2)]);
  const [first, second] = parts;
  if (first === undefined || second === undefined) throw new Error("unreachable");
  const { data, inflow } = taken();
  expect(inflow.push(second)).toBeUndefined();
  inflow.restart();
  expect(inflow.push(first)).toBe(first.length);
  expect(inflow.push(first)).toBeUndefined();
  expect(data).toEqual([Uint8Array.of(1)]);
});

test("garbage is not taken, and so is what is too long or empty", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (garbage) => {
      const { data, credit, inflow, ended } = taken();
      inflow.push(garbage);
      expect([data, credit, ended(), inflow.verified]).toEqual([[], [], false, 0]);
    }),
  );
  expect(taken().inflow.push(new Uint8Array(4))).toBeUndefined();
  expect(taken().inflow.push(Uint8Array.of(0x7f, 0, 0, 0))).toBeUndefined();
});

test("sends no more than it may, and goes on with credit", async () => {
  const { parts, outflow } = sending();
  const bytes = new Uint8Array(FIRST_CREDIT_BYTES + 10);
  let released = 0;
  const room = outflow.write([bytes], () => released++);
  expect(room).toBeInstanceOf(Promise);
  expect(join(parts).length).toBe(pieceBytes(FIRST_CREDIT_BYTES));
  expect(released).toBe(0);
  outflow.grant(10);
  await room;
  expect(join(parts).length).toBe(pieceBytes(FIRST_CREDIT_BYTES) + pieceBytes(10));
  expect(released).toBe(1);
});

test("waits for room in udx once a quarter of a megabyte is there, on one promise for all", async () => {
  const { parts, outflow } = sending(() => false);
  outflow.grant(10 * FIRST_CREDIT_BYTES);
  const most = new Uint8Array(FIRST_CREDIT_BYTES);
  for (let at = 0; at < 3; at++) expect(outflow.write([most])).toBeUndefined();
  const first = outflow.write([most]);
  const second = outflow.write([Uint8Array.of(2)]);
  expect(first).toBeInstanceOf(Promise);
  expect(first).toBe(second);
  expect(parts.length).toBe(4);
  outflow.drained();
  await first;
  expect(parts.length).toBe(5);
});

test("a large chunk stays where it is, and is released once the other side has it", () => {
  const pieces: (readonly Segment[])[] = [];
  const outflow = new Outflow({
    ...{ pool: new PartPool(), seed: SEED },
    flight: { allowance: () => Infinity, sent: () => {} },
    put: (piece) => pieces.push(piece) > 0,
  });
  const large = new Uint8Array(20_000);
  const released: string[] = [];
  outflow.write([Uint8Array.of(1), large, Uint8Array.of(2)], () => released.push("large"));
  outflow.write([Uint8Array.of(3)], () => released.push("small"));
  const [head, body, tail] = pieces[0] ?? [];
  expect(body?.bytes.buffer).toBe(large.buffer);
  expect([head?.bytes.length, tail?.bytes.length]).toEqual([5, 5]);
  expect(released).toEqual(["small"]);
  for (const segment of pieces[0] ?? []) segment.release?.();
  expect(released).toEqual(["small", "large"]);
});

test("a write is released when its large chunk has arrived and what is behind it has left", () => {
  const { outflow } = sending();
  let released = 0;
  outflow.write([new Uint8Array(FIRST_CREDIT_BYTES), Uint8Array.of(1)], () => released++);
  expect(released).toBe(0);
  outflow.grant(1);
  expect(released).toBe(1);
});

test("ends only after everything has left", () => {
  const { outflow } = sending();
  let ended = false;
  outflow.write([new Uint8Array(FIRST_CREDIT_BYTES + 1)]);
  outflow.finish(() => {
    ended = true;
  });
  expect(ended).toBe(false);
  outflow.grant(1);
  expect(ended).toBe(true);
});

test("releases everything and lets everybody go on when it stops", async () => {
  const { outflow } = sending(() => false);
  const released: number[] = [];
  const room = outflow.write([new Uint8Array(FIRST_CREDIT_BYTES)], () => released.push(1));
  outflow.write([new Uint8Array(5), new Uint8Array(0)], () => released.push(2));
  outflow.stop();
  await room;
  expect(released).toEqual([1, 2]);
});

test("releases a write of nothing, alone or among others", () => {
  const { parts, outflow } = sending();
  const released: number[] = [];
  outflow.write([], () => released.push(1));
  outflow.write([new Uint8Array(0)], () => released.push(2));
  outflow.write([new Uint8Array(0), Uint8Array.of(7), new Uint8Array(0)], () => released.push(3));
  expect(released).toEqual([1, 2, 3]);
  expect(join(parts).subarray(0, 5)).toEqual(Uint8Array.of(0, 0, 0, 1, 7));
});
