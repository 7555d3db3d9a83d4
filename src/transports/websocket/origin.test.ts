import { expect, test } from "vitest";
import { originAllowed } from "./origin.ts";

test("takes a host with and without its usual port for the same", () => {
  expect(originAllowed("https://a.example", "a.example:443", [])).toBe(true);
  expect(originAllowed("https://a.example", "a.example", [])).toBe(true);
  expect(originAllowed("http://a.example:8080", "a.example:8080", [])).toBe(true);
});

test("refuses another host, another port and what is no origin", () => {
  expect(originAllowed("https://b.example", "a.example", [])).toBe(false);
  expect(originAllowed("http://a.example:1", "a.example:2", [])).toBe(false);
  expect(originAllowed("null", "a.example", [])).toBe(false);
  expect(originAllowed("file://", "", [])).toBe(false);
  expect(originAllowed("https://a.example", undefined, [])).toBe(false);
});
