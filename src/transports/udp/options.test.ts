import { expect, test } from "vitest";
import { defaultsIn, pages } from "../../../test/documents/markdown.ts";
import { UDP_DEFAULTS, udpLimits } from "./options.ts";

test("the reference has the defaults of the code", () => {
  const written = defaultsIn(pages().get("docs/reference/udp.md") ?? "");
  const grouped = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, "_");
  const expected = Object.entries(UDP_DEFAULTS).map(([name, value]) => [
    name,
    grouped(Number(value)),
  ]);
  expect(expected.map(([name = ""]) => [name, written.get(name)])).toEqual(expected);
});

test.each(["pingActiveMs", "maxWaitingBytes", "silenceTimeoutMs"] as const)(
  "refuses a %s that is none, by name",
  (name) => {
    const refusal = { code: "INVALID_ARGUMENT", message: expect.stringContaining(`${name} is 0`) };
    expect(() => udpLimits({ [name]: 0 })).toThrow(expect.objectContaining(refusal));
    expect(() => udpLimits({ [name]: 2 ** 31 })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  },
);
