import fc from "fast-check";
import { expect, it } from "vitest";
import { msgpackCodec } from "../../codecs/msgpack.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { nodeSession } from "./node-language.ts";
import { formatNodeMessage, type NodeMessage, readNodeMessage } from "./node-message.ts";

const codec = msgpackCodec({ maxBytes: 65_536 });
const sender = { node: "a", life: "00112233445566ff" };

const way = { way: fc.nat(), mine: fc.boolean() };
const messages: fc.Arbitrary<NodeMessage> = fc.oneof(
  fc.record({
    kind: fc.constant("hello" as const),
    seq: fc.nat(),
    load: fc.nat(),
    answer: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom("bye" as const, "probe" as const, "missed" as const) }),
  fc.record({ kind: fc.constant("told" as const), count: fc.nat() }),
  fc.record({
    kind: fc.constant("said" as const),
    topic: fc.string({ maxLength: 64 }),
    value: fc.string(),
    seq: fc.nat(),
  }),
  fc.record({
    kind: fc.constant("open" as const),
    way: fc.nat(),
    purpose: fc.constantFrom("calls" as const, "session" as const),
  }),
  fc.record({
    kind: fc.constant("data" as const),
    ...way,
    count: fc.nat(),
    bytes: fc.uint8Array(),
    more: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("taken" as const), ...way, bytes: fc.nat() }),
  fc.record({ kind: fc.constant("closed" as const), ...way, reason: fc.string() }),
);

it("reads what it has formatted, whatever was said", () => {
  fc.assert(
    fc.property(messages, (message) => {
      const received = readNodeMessage(codec, formatNodeMessage(codec, sender, message));
      expect(received).toEqual({ ...sender, kind: message.kind, message });
    }),
  );
});

it("knows a kind that only newer nodes have from what no node says", () => {
  const of = (value: unknown) => readNodeMessage(codec, codec.encode(value));
  expect(of({ ...sender, kind: "tomorrow" })).toMatchObject({ kind: "tomorrow", node: "a" });
  expect(of({ ...sender, kind: "tomorrow" })?.message).toBe(undefined);
  for (const odd of [
    null,
    [],
    "hello",
    { kind: "hello" },
    { ...sender, node: "a.b", kind: "bye" },
    { ...sender, life: "short", kind: "bye" },
  ]) {
    expect(of(odd)).toBe(undefined);
  }
});

it("takes any bytes without anything but a coded error", () => {
  const session = nodeSession(2);
  const coded = (read: () => unknown): void => {
    try {
      read();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(SealwireError);
    }
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      coded(() => readNodeMessage(codec, bytes));
      coded(() => session.decode(bytes));
    }),
  );
  // What no writer writes says nothing of the reader.
  const written = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__"));
  fc.assert(
    fc.property(written, (value) => {
      const bytes = codec.encode({ ...sender, ...Object(value) });
      coded(() => readNodeMessage(codec, bytes));
      coded(() => session.decode(codec.encode([value])));
    }),
  );
});
