import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fixedKeys, PROVIDER } from "../../../test/native/greeting.ts";
import { CipherState } from "../../crypto/cipher-state.ts";
import { FramePool } from "./frame-pool.ts";
import { RECORD, RecordLayer } from "./record.ts";

const REJECTED = expect.objectContaining({ code: "RECORD_REJECTED" });
const key = (name: string) => new CipherState(PROVIDER, fixedKeys(name).secretKey);
const there = (paddingBytes = 0) => new RecordLayer(key("there"), key("back"), paddingBytes);
const back = (paddingBytes = 0) => new RecordLayer(key("back"), key("there"), paddingBytes);

describe("records", () => {
  test("arrive with their type and content, at any padding", () => {
    const types = fc.constantFrom(...Object.values(RECORD));
    const contents = fc.array(fc.tuple(types, fc.uint8Array({ maxLength: 300 })));
    fc.assert(
      fc.property(contents, fc.integer({ min: 0, max: 64 }), (sent, paddingBytes) => {
        const [sealing, opening] = [there(paddingBytes), back()];
        for (const [type, content] of sent) {
          const frame = sealing.seal(type, content);
          expect(frame).toHaveLength(sealing.frameBytes(content.length));
          expect(opening.open(frame)).toEqual({ type, content });
        }
      }),
    );
  });

  test("of different lengths have one length when they are padded", () => {
    const sealing = there(256);
    const lengths = [0, 1, 100, 252].map((bytes) => sealing.seal(0, new Uint8Array(bytes)).length);
    expect(new Set(lengths)).toEqual(new Set([256 + 17]));
    expect(sealing.seal(0, new Uint8Array(253))).toHaveLength(512 + 17);
  });

  test("do not open with any bit changed, the type included", () => {
    const frame = there().seal(RECORD.batch, Uint8Array.of(1, 2, 3));
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const changed = frame.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => back().open(changed)).toThrow(REJECTED);
    }
  });

  test("do not open when they are cut, doubled, swapped, dropped or reflected", () => {
    const sealing = there();
    const [one, two] = [0, 1].map((byte) => sealing.seal(0, Uint8Array.of(byte, byte)));
    const frames = { one: one ?? new Uint8Array(0), two: two ?? new Uint8Array(0) };
    expect(() => back().open(frames.one.subarray(0, -1))).toThrow(REJECTED);
    expect(() => back().open(frames.two.slice())).toThrow(REJECTED);
    expect(() => there().open(frames.one.slice())).toThrow(REJECTED);
    const opening = back();
    opening.open(frames.one.slice());
    expect(() => opening.open(frames.one.slice())).toThrow(REJECTED);
  });

  test("answer any bytes with RECORD_REJECTED", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(() => back().open(bytes)).toThrow(REJECTED);
      }),
    );
  });

  test("refuse padding that tells of more than there is", () => {
    for (const content of [[], [0, 0, 0], [0, 0, 0, 3], [0, 0, 0, 5], [0xff, 0xff, 0xff, 0xff]]) {
      const frame = there().seal(0x80, Uint8Array.from(content));
      expect(() => back().open(frame)).toThrow(REJECTED);
    }
    expect(back().open(there().seal(0x80, Uint8Array.of(9, 0, 0, 0, 4))).content).toEqual(
      Uint8Array.of(9),
    );
  });
});

describe("a change of the key", () => {
  test("counts only for one direction, and the number of the record goes on", () => {
    const [one, other] = [there(), back()];
    other.open(one.seal(0, Uint8Array.of(1)));
    one.rekeySend();
    other.rekeyReceive();
    expect(other.open(one.seal(0, Uint8Array.of(2))).content).toEqual(Uint8Array.of(2));
    expect(one.sealed).toBe(2);
    expect(one.open(other.seal(0, Uint8Array.of(3))).content).toEqual(Uint8Array.of(3));
  });

  test("that only one side makes ends the connection", () => {
    const [one, other] = [there(), back()];
    one.rekeySend();
    expect(() => other.open(one.seal(0, Uint8Array.of(2)))).toThrow(REJECTED);
  });
});

describe("the memory of frames", () => {
  test("is used again, and nothing of an older frame is left in a newer one", () => {
    const sealing = new RecordLayer(key("there"), key("back"), 0, new FramePool());
    const opening = back();
    const large = sealing.seal(0, new Uint8Array(40_000).fill(1));
    const { buffer } = large;
    opening.open(large.slice());
    sealing.release(large);
    const next = sealing.seal(0, new Uint8Array(39_000).fill(2));
    expect(next.buffer).toBe(buffer);
    expect(opening.open(next.slice()).content).toEqual(new Uint8Array(39_000).fill(2));
  });

  test("is bounded for all connections together", () => {
    const pool = new FramePool();
    const frames = Array.from({ length: 100 }, () => pool.take(1_000_000));
    for (const frame of frames) pool.give(frame);
    const known = new Set(frames.map(({ buffer }) => buffer));
    const again = frames.map(() => pool.take(1_000_000)).filter(({ buffer }) => known.has(buffer));
    expect(again).toHaveLength(16);
  });
});
