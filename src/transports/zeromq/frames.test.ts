import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteQueue } from "../../bytes/byte-queue.ts";
import { join } from "../../bytes/join.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { bodyHeader, COMMAND, FrameReader, frameHeader, MORE } from "./frames.ts";

interface Frame {
  readonly flags: number;
  readonly content: Uint8Array;
}

function reader(maxFrameBytes = 1_000_000) {
  const queue = new ByteQueue();
  return { queue, frames: new FrameReader(queue, maxFrameBytes, "maxMessageBytes") };
}

/** Everything that is whole when these chunks have come. */
function framesIn(chunks: readonly Uint8Array[], maxFrameBytes?: number): Frame[] {
  const { queue, frames } = reader(maxFrameBytes);
  const found: Frame[] = [];
  for (const chunk of chunks) {
    queue.push(chunk);
    for (let content = frames.next(); content !== undefined; content = frames.next()) {
      found.push({ flags: frames.flags, content });
    }
  }
  return found;
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)), bytes.length];
  places.sort((a, b) => a - b);
  return places.slice(1).map((end, i) => bytes.slice(places[i], end));
}

const someFrames = fc.array(
  fc.record({
    flags: fc.constantFrom(0, MORE, COMMAND),
    content: fc.uint8Array({ maxLength: 600 }),
  }),
  { maxLength: 12 },
);

test("takes the same frames however the stream is cut", () => {
  fc.assert(
    fc.property(someFrames, fc.array(fc.nat(), { maxLength: 40 }), (sent, places) => {
      const stream = join(
        sent.flatMap(({ flags, content }) => [frameHeader(flags, content.length), content]),
      );
      expect(framesIn(cut(stream, places))).toEqual(sent);
    }),
  );
});

test("meets garbage with nothing but its own errors", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
      try {
        framesIn(chunks, 1_000);
      } catch (error) {
        expect(error).toBeInstanceOf(SealwireError);
        expect(error).toMatchObject({
          code: expect.stringMatching(/^(PROTOCOL_VIOLATION|TOO_LARGE)$/),
        });
      }
    }),
  );
});

test("takes a short frame whose length is written in the long form", () => {
  const long = Uint8Array.of(MORE | 2, 0, 0, 0, 0, 0, 0, 0, 2, 7, 8);
  expect(framesIn([long])).toEqual([{ flags: MORE, content: Uint8Array.of(7, 8) }]);
});

test.each([8, 16, 128, 255, MORE | COMMAND, 7])("refuses the flags %i", (flags) => {
  expect(() => framesIn([Uint8Array.of(flags, 0)])).toThrow(
    expect.objectContaining({ code: "PROTOCOL_VIOLATION" }),
  );
});

test.each([
  ["short", Uint8Array.of(0, 101)],
  ["long", Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 101)],
  ["beyond any memory", Uint8Array.of(2, 255, 255, 255, 255, 255, 255, 255, 255)],
])("refuses a frame that announces too much (%s) before it has come", (_, header) => {
  expect(() => framesIn([header], 100)).toThrow(
    expect.objectContaining({
      code: "TOO_LARGE",
      message: expect.stringContaining("maxMessageBytes"),
    }),
  );
});

test.each([0, 1, 255, 256, 1_000])(
  "writes an empty delimiter before a body of %i bytes",
  (size) => {
    const body = new Uint8Array(size).fill(3);
    expect(framesIn([bodyHeader(size), body])).toEqual([
      { flags: MORE, content: new Uint8Array(0) },
      { flags: 0, content: body },
    ]);
  },
);
