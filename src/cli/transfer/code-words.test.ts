import { expect, test } from "vitest";
import { newCode, readCode } from "./code-words.ts";

test("is twelve words that are read as they were made, in any case and with any gaps", () => {
  const { words, key } = newCode();
  expect(words.split(" ")).toHaveLength(12);
  expect(readCode(words).key).toEqual(key);
  expect(readCode(`  ${words.toUpperCase().replaceAll(" ", "-")} \n`)).toEqual({ words, key });
  expect(newCode().words).not.toBe(words);
});

test("says what is wrong with a code, and never shows it", () => {
  const { words } = newCode();
  const list = words.split(" ");
  const wrong = [
    list.slice(1).join(" "),
    [...list.slice(0, 11), "sealwire"].join(" "),
    Array.from({ length: 12 }, () => "zoo").join(" "),
    "",
  ];
  for (const text of wrong) {
    expect(() => readCode(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(() => readCode(text)).not.toThrow(/sealwire|zoo/);
  }
});
