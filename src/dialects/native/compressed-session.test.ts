import { describe, expect, test } from "vitest";
import { fixedKeys } from "../../../test/native/greeting.ts";
import { carried, recordsOf, sessionOf } from "../../../test/native/sessions.ts";
import { deflate } from "../../codecs/deflate.ts";
import type { Message } from "../../core/model/message.ts";
import { RECORD } from "./record.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });
const item = (value: unknown, id = 1): Message => ({ kind: "item", id, value });
const bytes = (length: number, fill = 7) => new Uint8Array(length).fill(fill);

describe("compression", () => {
  const compression = deflate();
  const text = item("the same words again and again, ".repeat(200));
  const pair = () =>
    [sessionOf("client", { compression }), sessionOf("server", { compression })] as const;

  test("makes large messages small, each on its own", () => {
    const [client, server] = pair();
    const batch = [text, item("small"), text, item(bytes(5_000)), text];
    const frames = client.encode(batch);
    expect(frames.map((frame) => frame[0])).toEqual([0, 0, 0, 1, 0, 0]);
    expect(frames[0]?.length).toBeLessThan(300);
    expect(frames.flatMap((frame) => server.decode(frame))).toEqual(batch);
  });

  test("leaves alone what it would not make smaller", () => {
    const noise = Array.from({ length: 300 }, (_, i) => fixedKeys(`noise ${i}`).secretKey);
    const [client, server] = pair();
    const [frame, ...more] = client.encode([item(noise)]);
    expect(more).toEqual([]);
    expect(frame?.length).toBeGreaterThan(300 * 32);
    expect(carried([item(noise)], ...pair())).toEqual([item(noise)]);
    expect(server.unpackedBytes).toBe(0);
  });

  test("tells how large a message is once it is unpacked", () => {
    const [client, server] = pair();
    for (const frame of client.encode([text])) server.decode(frame);
    expect(server.unpackedBytes).toBeGreaterThan(6_000);
    for (const frame of client.encode([item(1)])) server.decode(frame);
    expect(server.unpackedBytes).toBe(0);
  });

  test("carries references to large bytes inside what it compressed", () => {
    const [client, server] = pair();
    const message = item({ words: "again ".repeat(2_000), image: bytes(9_000) });
    expect(carried([message], client, server)).toEqual([message]);
  });

  test("of a bomb is refused when 16 MiB have come out", () => {
    const [, server] = pair();
    const zeros = compression.compress(new Uint8Array(20_000_000));
    expect(zeros.length).toBeLessThan(40_000);
    const records = recordsOf("client");
    const head = Uint8Array.of(0x92, 15, 0xc5, zeros.length >> 8, zeros.length & 0xff);
    const packed = new Uint8Array([...head, ...zeros]);
    expect(() => server.decode(records.seal(RECORD.batch, packed))).toThrow(code("TOO_LARGE"));
  });

  test("does not touch what is larger than a peer unpacks", () => {
    const large = { maxSendBytes: 33_554_432, maxReceiveBytes: 33_554_432 };
    const client = sessionOf("client", { compression }, large);
    const server = sessionOf("server", { compression }, large);
    const message = item("x".repeat(17_000_000));
    expect(carried([message], client, server)).toEqual([message]);
  });

  test("that nobody agreed upon is refused", () => {
    const [frame = bytes(0)] = pair()[0].encode([text]);
    expect(() => sessionOf("server").decode(frame)).toThrow(code("PROTOCOL_VIOLATION"));
  });
});
