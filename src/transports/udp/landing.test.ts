import fc from "fast-check";
import { expect, test } from "vitest";
import { join } from "../../bytes/join.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { Landing } from "./landing.ts";
import { LEAST_ROOM_BYTES } from "./udx-landing.ts";

/** A landing whose reader uses whole pieces of such lengths, one after the other. */
function made(lengths: readonly number[]) {
  const clock = manualClock(0);
  const pieces: Uint8Array[] = [];
  const needed = () => lengths[pieces.length] ?? 1;
  const take = (come: Uint8Array) => {
    let used = 0;
    while (come.length - used >= needed() && pieces.length < lengths.length) {
      const length = needed();
      pieces.push(come.subarray(used, used + length));
      used += length;
    }
    return used;
  };
  return { landing: new Landing({ clock, take, needed }), clock, pieces };
}

/** As udx does it: copies packets until too little room is left, then tells. */
function receive(landing: Landing, stream: Uint8Array, packetBytes = 1_452) {
  let [told, filled] = [0, 0];
  let { room } = landing;
  for (let at = 0; at < stream.length; at += packetBytes) {
    const packet = stream.subarray(at, at + packetBytes);
    room.set(packet, filled);
    filled += packet.length;
    if (room.length - filled >= LEAST_ROOM_BYTES) continue;
    landing.landed(filled);
    told += 1;
    filled = 0;
    room = landing.room;
  }
  return { told, filled };
}

test("hands over each packet first, and whole pieces once enough has come lately", () => {
  const lengths = Array<number>(20).fill(65_600);
  const { landing, pieces } = made(lengths);
  const stream = new Uint8Array(20 * 65_600).map((_, at) => at % 251);
  const { told } = receive(landing, stream);
  expect(pieces.length).toBe(20);
  expect(join(pieces)).toEqual(stream);
  expect(told).toBeLessThan(50);
});

test("waits for no more than has come in the last moments", () => {
  const { landing, clock } = made([65_600]);
  landing.landed(1_000);
  expect(landing.room.length).toBe(LEAST_ROOM_BYTES + 999);
  clock.advance(20);
  landing.landed(10);
  expect(landing.room.length).toBe(LEAST_ROOM_BYTES + 999);
  clock.advance(20);
  landing.landed(10);
  expect(landing.room.length).toBe(LEAST_ROOM_BYTES + 9);
  clock.advance(40);
  landing.landed(1);
  expect(landing.room.length).toBe(LEAST_ROOM_BYTES);
});

test("pieces of all lengths arrive as they were sent, and nothing is held back at the end", () => {
  const piece = fc.uint8Array({ minLength: 1, maxLength: 30_000 });
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 2_048 }),
      (sent, packetBytes) => {
        const { landing, pieces } = made(sent.map(({ length }) => length));
        const { filled } = receive(landing, join(sent), packetBytes);
        expect(filled).toBe(0);
        expect(pieces).toEqual(sent);
      },
    ),
  );
});
