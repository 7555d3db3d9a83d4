import fc from "fast-check";
import { expect, it } from "vitest";
import * as Y from "yjs";
import { SealwireError } from "../../core/model/errors.ts";
import { sharedDocuments } from "./shared-documents.ts";

const code = (is: string) => expect.objectContaining({ code: is });
const { rule } = await sharedDocuments({ maxDocumentBytes: 10_000, maxOpenDocuments: 2 });

/** A document with some of everything, written by one of few. */
function written(by: number, words: readonly string[]): Y.Doc {
  const document = new Y.Doc();
  document.clientID = by;
  const [text, map, list] = [document.getText("t"), document.getMap("m"), document.getArray("l")];
  for (const word of words) {
    text.insert(word.length % (text.length + 1), word);
    map.set(word.slice(0, 1), word.length > 5 ? new Y.Map() : [word]);
    list.insert(0, [word, new Y.Text(word), Uint8Array.of(1)]);
    if (text.length > 3) text.delete(1, 1);
    text.format(0, text.length, { bold: true });
  }
  return document;
}

function read(update: Uint8Array): Y.Doc {
  const document = new Y.Doc();
  Y.applyUpdate(document, update);
  return document;
}

const update = (by: number, words: readonly string[]) => Y.encodeStateAsUpdate(written(by, words));

it("merges updates into the same document, in whatever order they come", () => {
  const updates = [1, 2, 3].map((by) => update(by, ["one", "three", "eleven"].slice(0, by)));
  const [a, b, c] = updates;
  const merged = (order: readonly unknown[]) =>
    order.reduce<Uint8Array>((value, each) => rule.merge(value, each), rule.first(order[0]));
  const texts = [
    [a, b, c],
    [c, a, b],
    [b, c, b, a],
  ].map((order) => read(merged(order)).getText("t").toString());
  expect(new Set(texts).size).toBe(1);
});

it.each([
  ["text", "hello"],
  ["nothing", undefined],
  ["garbage", Uint8Array.of(1, 2, 3, 4)],
  ["no bytes at all", new Uint8Array()],
  ["lengths that are only claimed", Uint8Array.of(255, 255, 255, 255, 15, 255, 255, 255, 255, 15)],
])("refuses %s, first and later", (_what, hostile) => {
  const present = rule.first(update(1, ["word"]));
  expect(() => rule.first(hostile)).toThrow(code("INVALID_ARGUMENT"));
  expect(() => rule.merge(present, hostile)).toThrow(code("INVALID_ARGUMENT"));
  expect(read(rule.merge(present, update(2, ["more"]))).getText("t").length).toBe(6);
});

it("refuses an update that builds on what is not there", () => {
  const document = written(1, ["word"]);
  const before = Y.encodeStateVector(document);
  document.getText("t").insert(0, "more");
  const late = Y.encodeStateAsUpdate(document, before);
  expect(() => rule.first(late)).toThrow(code("INVALID_ARGUMENT"));
  expect(() => rule.merge(rule.first(update(2, ["x"])), late)).toThrow(code("INVALID_ARGUMENT"));
});

it("refuses more than a document may have: in one update, and in many", () => {
  expect(() => rule.first(update(1, ["x".repeat(20_000)]))).toThrow(code("TOO_LARGE"));
  const grow = () => {
    let value = rule.first(update(1, ["x"]));
    for (let by = 2; by < 100; by++) value = rule.merge(value, update(by, ["x".repeat(500)]));
  };
  expect(grow).toThrow(code("TOO_LARGE"));
});

it("keeps a document that everybody can read, whatever is written to it", () => {
  const words = fc.array(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 });
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });
  fc.assert(
    fc.property(words, words, damage, (mine, theirs, wounds) => {
      let value = rule.first(update(1, mine));
      const hostile = update(2, theirs);
      for (const [at, byte] of wounds) hostile[at % hostile.length] = byte;
      try {
        value = rule.merge(value, hostile);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(SealwireError);
      }
      value = rule.merge(value, update(3, ["after"]));
      expect(read(value).getText("t").toString()).toContain("a");
      expect(read(value).getArray("l").length).toBeGreaterThanOrEqual(mine.length * 3);
    }),
    { numRuns: 150 },
  );
});

it("refuses limits that are none", async () => {
  await expect(sharedDocuments({ maxDocumentBytes: 0 })).rejects.toEqual(code("INVALID_ARGUMENT"));
  await expect(sharedDocuments({ maxOpenDocuments: 0 })).rejects.toEqual(code("INVALID_ARGUMENT"));
});
