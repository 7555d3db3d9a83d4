import { describe, expect, test } from "vitest";
import { recordsOf, sessionOf } from "../../../test/native/sessions.ts";
import type { Side } from "../../../test/native/wires.ts";
import type { Message } from "../../core/model/message.ts";
import { RECORD } from "./record.ts";
import { ResumableSession } from "./resumable-session.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });
const item = (value: unknown): Message => ({ kind: "item", id: 1, value });

describe("a session that may go on", () => {
  test("acknowledges every 32 records of the peer by itself", () => {
    const [client, server] = pair();
    for (let i = 0; i < 31; i++) say(client, server, [item(i)]);
    expect([server.flushed, server.session.encode([])]).toEqual([0, []]);
    say(client, server, [item(31)]);
    expect(server.flushed).toBe(1);
    const frames = server.session.encode([]);
    expect(frames.map((frame) => frame[0])).toEqual([RECORD.acknowledgement]);
    expect(client.session.progress.first).toBe(0);
    for (const frame of frames) client.session.decode(frame.slice());
    expect(client.session.progress.first).toBe(32);
  });

  test("acknowledges many bytes at once, beside what is said", () => {
    const [client, server] = pair();
    say(client, server, [item("x".repeat(60_000))]);
    say(client, server, [item("x".repeat(60_000))]);
    const frames = server.session.encode([item(1)]);
    expect(frames.map((frame) => frame[0])).toEqual([RECORD.batch, RECORD.acknowledgement]);
  });

  test("sends again what was lost, byte for byte, also over a change of the key", () => {
    const [client, server] = pair({ rekeyAfterRecords: 3 });
    say(client, server, [item("got")]);
    const lost = [1, 2, 3, 4, 5].flatMap((i) => client.session.encode([item(i)]));
    server.session.goOn({ ...client.session.progress });
    client.session.goOn({ ...server.session.progress });
    const again = client.session.resumption.missed();
    expect(again).toEqual(lost);
    expect(server.session.resumption.missed()).toEqual([]);
    const messages = again.flatMap((frame) => server.session.decode(frame.slice()));
    expect(messages).toEqual([1, 2, 3, 4, 5].map(item));
  });

  test("cannot go on when more was dropped than the peer has, or less was sent", () => {
    const [client, server] = pair({}, 1_000);
    for (let i = 0; i < 40; i++) client.session.encode([item("x".repeat(100))]);
    expect(() => client.session.goOn({ ...server.session.progress })).toThrow(code("CONFLICT"));
    expect(() => server.session.goOn({ ...client.session.progress })).toThrow(code("CONFLICT"));
    expect(() => client.session.goOn({ received: 41, first: 0 })).toThrow(code("CONFLICT"));
  });

  test("wants to know where the peer is", () => {
    const [{ session }] = pair();
    for (const map of [
      {},
      { received: 1 },
      { received: -1, first: 0 },
      { received: "0", first: 0 },
    ]) {
      expect(() => session.goOn(map)).toThrow(code("HANDSHAKE_FAILED"));
    }
  });

  test("ends when more is acknowledged than was sent, or something else than a count", () => {
    for (const content of [Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9), Uint8Array.of(1)]) {
      const [{ session }] = pair();
      const frame = recordsOf("server").seal(RECORD.acknowledgement, content);
      expect(() => session.decode(frame)).toThrow(code("PROTOCOL_VIOLATION"));
    }
  });
});

interface End {
  readonly session: ResumableSession;
  flushed: number;
}

function pair(options: Parameters<typeof sessionOf>[1] = {}, maxHeldBytes = 1_000_000) {
  const end = (side: Side): End => {
    const records = recordsOf(side);
    const made: { session?: ResumableSession; flushed: number } = { flushed: 0 };
    const session = new ResumableSession({
      session: sessionOf(side, options, { records }),
      records,
      id: new Uint8Array(16),
      secret: new Uint8Array(32),
      windowMs: 60_000,
      maxHeldBytes,
      flush: () => {
        made.flushed += 1;
      },
    });
    return Object.assign(made, { session });
  };
  return [end("client"), end("server")] as const;
}

function say(from: End, to: End, batch: readonly Message[]): void {
  for (const frame of from.session.encode(batch)) to.session.decode(frame.slice());
}
