import { afterEach, describe, expect, test, vi } from "vitest";
import { carried, recordsOf, sessionOf } from "../../../test/native/sessions.ts";
import { type Message, NO_ARGUMENTS } from "../../core/model/message.ts";
import { RECORD } from "./record.ts";
import type { NativeSession } from "./session.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });

/** How long the frame of one message is; 0 when it is refused. */
function frameBytesOf(from: NativeSession, message: Message): number {
  try {
    return from.encode([message])[0]?.length ?? 0;
  } catch (thrown) {
    expect(thrown).toEqual(code("TOO_LARGE"));
    return 0;
  }
}

const item = (value: unknown, id = 1): Message => ({ kind: "item", id, value });
const items = (count: number, value: unknown) => Array.from({ length: count }, () => item(value));
const bytes = (length: number, fill = 7) => new Uint8Array(length).fill(fill);

afterEach(() => {
  vi.useRealTimers();
});

describe("ids", () => {
  test("are odd for the side that connected and even for the other", () => {
    const [client, server] = [sessionOf("client"), sessionOf("server")];
    expect([client, server, client, server].map((each) => each.nextCallId())).toEqual([1, 2, 3, 4]);
  });

  test("of the other side are refused", () => {
    const call: Message = { kind: "call", id: 2, procedure: "add", args: NO_ARGUMENTS };
    expect(() => carried([call])).toThrow(code("PROTOCOL_VIOLATION"));
    const odd = { ...call, id: 1 };
    expect(carried([odd])).toEqual([odd]);
    expect(() => carried([odd], sessionOf("server"), sessionOf("client"))).toThrow(
      code("PROTOCOL_VIOLATION"),
    );
  });
});

describe("a batch", () => {
  test("is one record", () => {
    const batch = [item("a"), item({ b: [1n, new Date(5), new Set([1])] }), item(bytes(4_095))];
    const client = sessionOf("client");
    const frames = client.encode(batch);
    expect(frames).toHaveLength(1);
    expect(frames.flatMap((frame) => sessionOf("server").decode(frame))).toEqual(batch);
  });

  test("without messages is no record", () => {
    expect(sessionOf("client").encode([])).toEqual([]);
  });

  test("that is too large for one record is split between messages, in order", () => {
    const batch = items(100, "x".repeat(3_000)).map((each, i) => ({ ...each, id: i }));
    const frames = sessionOf("client").encode(batch as Message[]);
    expect(frames.length).toBeGreaterThan(4);
    for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(65_536);
    expect(carried(batch as Message[])).toEqual(batch);
  });

  test.each([0, 1, 7, 10, 100])("never passes what the peer takes, padded to %i bytes", (by) => {
    const client = sessionOf("client", { paddingBytes: by });
    const lengths = Array.from({ length: 140 }, (_, i) => 65_400 + i);
    const frames = lengths.map((length) => frameBytesOf(client, item("x".repeat(length))));
    expect(frames[0]).toBeGreaterThan(65_400);
    expect(Math.max(...frames)).toBeLessThanOrEqual(65_536);
    expect(frames.at(-1)).toBe(0);
  });

  test("whose one message no record takes is refused, before anything is sealed", () => {
    const [client, server] = [sessionOf("client"), sessionOf("server")];
    const hopeless = item("x".repeat(70_000));
    expect(() => client.encode([item(1), hopeless, item(2)])).toThrow(code("TOO_LARGE"));
    expect(() => client.encode([item(1), item(() => 1), item(2)])).toThrow(
      code("INVALID_ARGUMENT"),
    );
    expect(carried([item(1), item(2)], client, server)).toEqual([item(1), item(2)]);
  });
});

describe("large bytes", () => {
  test("travel as records of their own before the batch", () => {
    const batch = [item(bytes(50_000, 1)), item({ deep: [bytes(4_096, 2)] })];
    const frames = sessionOf("client").encode(batch);
    expect(frames.map((frame) => frame[0])).toEqual([1, 1, 0]);
    expect(carried(batch)).toEqual(batch);
  });

  test("up to four of the largest frames belong to one batch, more are split", () => {
    const batch = items(9, bytes(60_000));
    const frames = sessionOf("client").encode(batch);
    expect(frames.filter((frame) => frame[0] === RECORD.batch).length).toBeGreaterThan(2);
    expect(carried(batch)).toEqual(batch);
    expect(() => sessionOf("client").encode([item(Array(5).fill(bytes(60_000)))])).toThrow(
      code("TOO_LARGE"),
    );
  });

  test("of a message that could not be said are not sent with the next", () => {
    const client = sessionOf("client");
    expect(() => client.encode([item([bytes(5_000), () => 1])])).toThrow(code("INVALID_ARGUMENT"));
    expect(client.encode([item(1)]).map((frame) => frame[0])).toEqual([0]);
  });

  test("that nobody sent cannot be referred to, not even those of the batch before", () => {
    const server = sessionOf("server");
    const records = recordsOf("client");
    const reference = Uint8Array.of(0x93, 6, 1, 0xd5, 7, 0, 0);
    server.decode(records.seal(RECORD.attachment, bytes(5)));
    expect(server.decode(records.seal(RECORD.batch, reference))).toEqual([item(bytes(5))]);
    expect(() => server.decode(records.seal(RECORD.batch, reference))).toThrow(
      code("PROTOCOL_VIOLATION"),
    );
  });

  test("are refused beyond what one batch may hold", () => {
    const server = sessionOf("server");
    const records = recordsOf("client");
    const flood = () => server.decode(records.seal(RECORD.attachment, bytes(60_000)));
    for (let i = 0; i < 4; i++) flood();
    expect(flood).toThrow(code("TOO_LARGE"));
  });
});

describe("the key of a direction", () => {
  test("changes after so many records, and everything still arrives", () => {
    const [client, server] = [sessionOf("client", { rekeyAfterRecords: 3 }), sessionOf("server")];
    const types: (number | undefined)[] = [];
    for (let i = 0; i < 10; i++) {
      const frames = client.encode([item(i)]);
      types.push(...frames.map((frame) => frame[0]));
      expect(frames.flatMap((frame) => server.decode(frame))).toEqual([item(i)]);
    }
    expect(types.filter((type) => type === RECORD.rekey).length).toBeGreaterThan(2);
  });

  test("changes after so long, at the next record", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const [client, server] = [sessionOf("client", { rekeyAfterMs: 1_000 }), sessionOf("server")];
    carried([item(1)], client, server);
    vi.advanceTimersByTime(1_001);
    const frames = client.encode([item(2)]);
    expect(frames.map((frame) => frame[0])).toEqual([RECORD.rekey, RECORD.batch]);
    expect(frames.flatMap((frame) => server.decode(frame))).toEqual([item(2)]);
    expect(client.encode([item(3)]).map((frame) => frame[0])).toEqual([RECORD.batch]);
  });

  test("is not changed by a record that says something", () => {
    const records = recordsOf("client");
    const frame = records.seal(RECORD.rekey, Uint8Array.of(1));
    expect(() => sessionOf("server").decode(frame)).toThrow(code("PROTOCOL_VIOLATION"));
  });
});

test("a greeting, or a record of an unknown type, does not belong into a session", () => {
  for (const type of [RECORD.greeting, 4, 0x7f]) {
    const frame = recordsOf("client").seal(type, Uint8Array.of(0x90));
    expect(() => sessionOf("server").decode(frame)).toThrow(code("PROTOCOL_VIOLATION"));
  }
});
