import { expect, test } from "vitest";
import { Attachments } from "./attachments.ts";

const LARGE = new Uint8Array(4_096);

test("only bytes worth a record of their own are taken out of a batch", () => {
  const attachments = new Attachments(16_384);
  expect(attachments.put(LARGE.subarray(1))).toBe(undefined);
  expect(attachments.put(LARGE)).toBe(0);
  expect(attachments.put(LARGE)).toBe(1);
});

test("a list that was taken does not change when the next batch begins", () => {
  const attachments = new Attachments(16_384);
  const empty = attachments.take();
  attachments.put(LARGE);
  const one = attachments.take();
  attachments.put(LARGE);
  attachments.put(LARGE);
  expect([empty.length, one.length, attachments.take().length]).toEqual([0, 1, 2]);
});

test("tells when a batch has more than four of the largest frames", () => {
  const attachments = new Attachments(1_024);
  attachments.put(LARGE);
  expect(attachments.tooMany).toBe(false);
  attachments.put(LARGE);
  expect(attachments.tooMany).toBe(true);
  attachments.clear();
  expect(attachments.tooMany).toBe(false);
});

test("the 4,097th large value of a batch stays inside it", () => {
  const attachments = new Attachments(16_777_216);
  for (let i = 0; i < 4_096; i++) attachments.put(LARGE);
  expect(attachments.put(LARGE)).toBe(undefined);
});

test("a flood of bytes, or of empty pieces, is refused", () => {
  const refused = expect.objectContaining({ code: "TOO_LARGE" });
  const bytes = new Attachments(1_024);
  bytes.add(LARGE);
  expect(() => bytes.add(Uint8Array.of(1))).toThrow(refused);
  const pieces = new Attachments(1_024);
  for (let i = 0; i < 4_096; i++) pieces.add(new Uint8Array(0));
  expect(() => pieces.add(new Uint8Array(0))).toThrow(refused);
});
