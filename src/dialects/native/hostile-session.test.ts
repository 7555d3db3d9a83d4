import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dialectOf, IDENTITY } from "../../../test/native/greeting.ts";
import { type Intruder, type Target, target } from "../../../test/native/intruder.ts";
import { STREAM_WINDOW } from "../../core/engine/streams.ts";
import { formatPublicKey } from "../../crypto/keys.ts";
import { connect } from "../../presets/node.ts";
import { formatPreface } from "./preface.ts";
import { RECORD } from "./record.ts";

const CALL = 0;
const CALL_WITH_MORE = 1;
const ITEM = 6;
const CREDIT = 8;

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

describe("names that mean something to JavaScript", () => {
  const NAMES = ["__proto__", "constructor", "toString", "then", "hasOwnProperty", ""];

  test.each(NAMES)("%j is no procedure, and the connection lives on", async (name) => {
    await using at = await target();
    const intruder = await at.enter();
    intruder.say(CALL, 1, name, []);
    const answer = await intruder.hear("error");
    expect(answer).toMatchObject({ id: 1, failure: { code: "NOT_FOUND" } });
    intruder.say(CALL, 3, "echo", [name]);
    expect(await intruder.hear("result")).toEqual({ kind: "result", id: 3, value: [name] });
  });

  test("are ordinary keys of arguments and of metadata", async () => {
    await using at = await target();
    const intruder = await at.enter();
    const named = Object.fromEntries(["constructor", "toString", "then"].map((key) => [key, 1]));
    const meta = Object.fromEntries(["constructor", "toString", "then"].map((key) => [key, "x"]));
    intruder.say(CALL_WITH_MORE, 1, "echo", [], named, meta, null, false);
    expect(await intruder.hear("result")).toEqual({ kind: "result", id: 1, value: [named] });
  });

  test("are events that nobody receives and subscriptions like others", async () => {
    await using at = await target();
    const intruder = await at.enter();
    for (const name of NAMES) intruder.say(9, name, null);
    intruder.say(CALL, 1, "echo", []);
    expect(await intruder.hear("result")).toMatchObject({ id: 1 });
  });
});

describe("messages for calls that do not exist", () => {
  test("fall without a word", async () => {
    await using at = await target();
    const intruder = await at.enter();
    intruder.say(
      2,
      2,
      "x",
      4,
      4,
      "UNKNOWN",
      "x",
      null,
      5,
      7,
      ITEM,
      9,
      1,
      7,
      11,
      CREDIT,
      13,
      2 ** 50,
    );
    intruder.say(CALL, 1, "echo", []);
    expect(await intruder.hear("result")).toMatchObject({ id: 1 });
    expect(at.endings).toEqual([]);
  });
});

test("any batch ends the session with a code or is answered, and others do not notice", async () => {
  const value = fc.oneof(
    fc.integer({ min: -1, max: 20 }),
    fc.constantFrom<unknown>(
      null,
      true,
      1,
      3,
      5,
      [],
      {},
      "echo",
      "never",
      "then",
      new Uint8Array(3),
    ),
  );
  await using at = await target();
  const witness = await at.enter();
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 24 }), async (values) => {
      const intruder = await at.enter();
      intruder.say(...values);
      intruder.say(CALL, 99_999, "echo", ["alive"], 14, null);
      intruder.write(raw(0, 0, 0, 0));
      await intruder.hear("goodbye");
    }),
    { numRuns: 100 },
  );
  witness.say(CALL, 1, "echo", ["still here"]);
  expect(await witness.hear("result")).toMatchObject({ value: ["still here"] });
  for (const code of at.endings) expect(code).toMatch(/^(PROTOCOL_VIOLATION|RECORD_REJECTED)$/);
});

describe("before the greeting is over", () => {
  const refusals = async (at: Target, bytes: Uint8Array) => {
    const path = await at.open();
    path.write(bytes);
    const frames: Uint8Array[] = [];
    for (let frame = await path.read(); frame; frame = await path.read()) frames.push(frame);
    return frames;
  };

  test("garbage, huge prefaces and endless ones are closed, with an alert at most", async () => {
    await using at = await target();
    const preface = formatPreface("NK", new Uint8Array(0));
    const huge = Uint8Array.of(0, 0, 0x40, 0, ...preface, ...new Uint8Array(16_384 - 7));
    for (const bytes of [
      raw(0, 0, 0, 8, "SEALWIRE"),
      raw("GET / HTTP/1.1\r\n\r\n"),
      raw(0, 0, 0x40, 1, ...preface),
      raw(255, 255, 255, 255),
      huge,
    ]) {
      const frames = await refusals(at, bytes);
      expect(frames.length).toBeLessThan(2);
      for (const frame of frames) expect(frame[0]).toBe(0);
    }
    expect(at.server.connections.size).toBe(0);
  });

  test("any bytes in any pieces are closed", async () => {
    await using at = await target();
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(pieces, async (chunks) => {
        const path = await at.open();
        path.write(raw(0, 0, 0, 39, ...formatPreface("XX", new Uint8Array(0))), ...chunks);
        path.write(new Uint8Array(64).fill(255));
        for (let frame = await path.read(); frame; frame = await path.read()) {
          expect(frame[0]).toBeLessThan(2);
        }
      }),
      { numRuns: 60 },
    );
    expect(at.server.connections.size).toBe(0);
  });
});

test("a large record may follow the welcome in the same chunk", async () => {
  await using at = await target({ joinAfter: 1 });
  at.server.event("news", { public: true });
  at.server.onConnect((peer) =>
    at.server.connections.get(peer.id)?.push("news", "x".repeat(50_000)),
  );
  const client = await connect("memory://target", {
    ...{ transport: at.transport, dialect: dialectOf() },
    pin: formatPublicKey(IDENTITY.publicKey),
  });
  expect(await client.call("echo", [1])).toEqual([1]);
  await client.close();
});
