import fc from "fast-check";
import { expect, it } from "vitest";
import { foreign, printable, printableJson } from "./printable.ts";

it("lets no control character through, nor what turns the direction of text", () => {
  const line = "a\u001b[2Jb\u009b2Jc\u202ed\u0007";
  expect(foreign(line)).toBe("a\\u001b[2Jb\\u009b2Jc\\u202ed\\u0007");
  expect(printable(line)).toBe(foreign(line));
});

it("keeps our own colours and line ends, which foreign text may not have", () => {
  expect(printable("\u001b[31mred\u001b[39m\nnext")).toBe("\u001b[31mred\u001b[39m\nnext");
  expect(foreign("\u001b[31mred\n")).toBe("\\u001b[31mred\\u000a");
});

it("leaves text of all languages as it is", () => {
  expect(foreign("Grüße, 世界, שלום, 👋")).toBe("Grüße, 世界, שלום, 👋");
});

it("changes the spelling of JSON but not its meaning", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const json = printableJson(JSON.stringify(text));
      expect(JSON.parse(json)).toBe(text);
      expect(foreign(json)).toBe(json);
    }),
  );
});
