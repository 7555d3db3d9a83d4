import { describe, expect, test } from "vitest";
import { type Intruder, target } from "../../../test/native/intruder.ts";
import { STREAM_WINDOW } from "../../core/engine/streams.ts";
import { RECORD } from "./record.ts";

const CALL = 0;
const CALL_WITH_MORE = 1;
const ITEM = 6;

/** Bytes of msgpack by hand, for what no encoder writes. */
const raw = (...parts: readonly (number | string)[]) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "number" ? [part] : [...new TextEncoder().encode(part)],
    ),
  );

/** What the server says last to somebody who did this, and how the connection ended. */
async function ending(act: (intruder: Intruder) => void): Promise<string> {
  await using at = await target();
  const intruder = await at.enter();
  act(intruder);
  const goodbye = await intruder.hear("goodbye");
  const [said] = (goodbye?.kind === "goodbye" ? (goodbye.reason ?? "") : "").split(":");
  await at.ended;
  expect(at.server.connections.size).toBe(0);
  expect(said).toBe(at.endings[0]);
  return at.endings[0] ?? "";
}

describe("a session ends with PROTOCOL_VIOLATION, and says so, for", () => {
  const nested = new Uint8Array(20_000).fill(0x91);
  test.each<[string, (intruder: Intruder) => void]>([
    ["an unknown kind", (it) => it.say(16)],
    ["half a message", (it) => it.say(CALL, 1)],
    ["garbage", (it) => it.send(RECORD.batch, raw(0xc1))],
    ["nothing", (it) => it.send(RECORD.batch, raw())],
    ["a nesting bomb", (it) => it.send(RECORD.batch, nested)],
    ["a length bomb of an array", (it) => it.send(RECORD.batch, raw(0xdd, 255, 255, 255, 255))],
    ["a length bomb of a map", (it) => it.send(RECORD.batch, raw(0x91, 0xdf, 255, 255, 255, 255))],
    ["a length bomb of bytes", (it) => it.send(RECORD.batch, raw(0x91, 0xc6, 127, 255, 255, 255))],
    ["an unknown extension", (it) => it.send(RECORD.batch, raw(0x93, 6, 1, 0xd4, 99, 0))],
    ["bytes that did not travel", (it) => it.send(RECORD.batch, raw(0x93, 6, 1, 0xd5, 7, 0, 0))],
    [
      "the key __proto__ among named arguments",
      (it) =>
        it.send(
          RECORD.batch,
          raw(0x98, 1, 1, 0xa4, "echo", 0x90, 0x81, 0xa9, "__proto__", 1, 0xc0, 0xc0, 0xc2),
        ),
    ],
    ["a call with an id of ours", (it) => it.say(CALL, 2, "echo", [])],
    ["an id that names two open calls", (it) => it.say(CALL, 1, "never", [], CALL, 1, "never", [])],
    [
      "items beyond what was granted",
      (it) => {
        it.say(CALL_WITH_MORE, 1, "never", [], null, null, null, true);
        it.say(...Array.from({ length: STREAM_WINDOW + 1 }, () => [ITEM, 1, "x"]).flat());
      },
    ],
    ["a second greeting", (it) => it.send(RECORD.greeting, raw(0x80))],
    ["a record of an unknown type", (it) => it.send(9, raw(0x90))],
    ["a change of the key that says something", (it) => it.send(RECORD.rekey, raw(1))],
    ["compressed messages that nobody agreed upon", (it) => it.say(15, new Uint8Array(9))],
  ])("%s", async (_, act) => {
    expect(await ending(act)).toBe("PROTOCOL_VIOLATION");
  });
});

describe("a session ends with TOO_LARGE for", () => {
  test("a frame beyond the limit, as soon as its length is there", async () => {
    expect(await ending((it) => it.write(raw(1, 0, 0, 1)))).toBe("TOO_LARGE");
  });

  test("more attached bytes than one batch may hold", async () => {
    const piece = new Uint8Array(16_000_000);
    const flood = (it: Intruder) => {
      for (let i = 0; i < 5; i++) it.send(RECORD.attachment, piece);
    };
    expect(await ending(flood)).toBe("TOO_LARGE");
  });

  test("more attached pieces than one batch may hold, however small", async () => {
    const flood = (it: Intruder) => {
      for (let i = 0; i < 4_097; i++) it.send(RECORD.attachment, new Uint8Array(0));
    };
    expect(await ending(flood)).toBe("TOO_LARGE");
  });

  test("more values than one batch may hold", async () => {
    const over = new Uint8Array(1_000_006).fill(10);
    over.set([0xdd, 0, 15, 66, 65]);
    expect(await ending((it) => it.send(RECORD.batch, over))).toBe("TOO_LARGE");
  });
});

describe("a session ends with RECORD_REJECTED for", () => {
  const batch = raw(0x91, 10);
  test("a record that was changed", async () => {
    const change = (it: Intruder) => {
      const frame = it.records.seal(RECORD.batch, batch);
      frame[3] = (frame[3] ?? 0) ^ 4;
      it.write(raw(0, 0, 0, frame.length), frame);
    };
    expect(await ending(change)).toBe("RECORD_REJECTED");
  });

  test("a record that came twice", async () => {
    const double = (it: Intruder) => {
      const frame = it.records.seal(RECORD.batch, batch);
      for (let i = 0; i < 2; i++) it.write(raw(0, 0, 0, frame.length), frame.slice());
    };
    expect(await ending(double)).toBe("RECORD_REJECTED");
  });

  test("a record that was dropped, at the next one", async () => {
    const drop = (it: Intruder) => {
      it.records.seal(RECORD.batch, batch);
      it.send(RECORD.batch, batch);
    };
    expect(await ending(drop)).toBe("RECORD_REJECTED");
  });

  test("an empty frame", async () => {
    expect(await ending((it) => it.write(raw(0, 0, 0, 0)))).toBe("RECORD_REJECTED");
  });
});
