import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HeldFrames } from "./held-frames.ts";

const LARGE = 20_000;

describe("frames that the peer has not acknowledged", () => {
  test("are those from the acknowledged number on, as a list has them", () => {
    const step = fc.record({ add: fc.nat(3), acknowledge: fc.nat(4) });
    const property = fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const held = new HeldFrames(5, 1_000_000, () => {});
      const all: Uint8Array[] = [];
      let acknowledged = 0;
      for (const { add, acknowledge } of steps) {
        for (let i = 0; i < add; i++) {
          const frame = Uint8Array.of(all.length);
          all.push(frame);
          held.add(frame);
        }
        acknowledged = Math.min(all.length, acknowledged + acknowledge);
        held.acknowledged(5 + acknowledged);
      }
      expect([held.first, held.next]).toEqual([5 + acknowledged, 5 + all.length]);
      expect(held.from(5 + acknowledged)).toEqual(all.slice(acknowledged));
    });
    fc.assert(property);
  });

  test("are dropped from the oldest on beyond the bound", () => {
    const held = new HeldFrames(0, 100, () => {});
    for (let i = 0; i < 5; i++) held.add(new Uint8Array(40).fill(i));
    expect([held.first, held.next]).toEqual([3, 5]);
    held.add(new Uint8Array(101));
    expect([held.first, held.next]).toEqual([6, 6]);
  });

  test("give their memory back when channel and peer have them, in either order", () => {
    const freed: Uint8Array[] = [];
    const held = new HeldFrames(0, 1_000_000, (frame) => freed.push(frame));
    const [one, other, small] = [new Uint8Array(LARGE), new Uint8Array(LARGE), new Uint8Array(9)];
    for (const frame of [one, other, small]) held.add(frame);
    held.sent([one, small]);
    expect(freed).toEqual([]);
    held.acknowledged(3);
    expect(freed.map((frame) => frame === one)).toEqual([true]);
    held.sent([other]);
    expect(freed.map((frame) => frame === other)).toEqual([false, true]);
  });

  test("keep their memory when they go over another channel", () => {
    const freed: Uint8Array[] = [];
    const held = new HeldFrames(0, 1_000_000, (frame) => freed.push(frame));
    const frame = new Uint8Array(LARGE);
    held.add(frame);
    expect(held.from(0)[0] === frame).toBe(true);
    held.sent([frame]);
    held.acknowledged(1);
    expect(freed).toEqual([]);
  });
});
