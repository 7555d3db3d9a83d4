import { expect, it } from "vitest";
import { CLIENT_DEFAULTS } from "../src/gateway/client-options.ts";
import { GATEWAY_LIMITS } from "../src/gateway/options.ts";
import { defaultsIn, pages } from "./documents/markdown.ts";

const written = defaultsIn(pages().get("docs/reference/gateway.md") ?? "");

it.each([
  ["limits of the gateway", GATEWAY_LIMITS],
  ["options of its client", CLIENT_DEFAULTS],
])("the reference has the defaults of the %s", (_, defaults) => {
  const numbers = Object.entries(defaults).filter(([, value]) => typeof value === "number");
  expect(numbers.length).toBeGreaterThan(2);
  expect(Object.fromEntries(numbers.map(([option]) => [option, written.get(option)]))).toEqual(
    Object.fromEntries(numbers.map(([option, value]) => [option, grouped(value)])),
  );
});

/** Numbers as the documents write them: 30_000. */
function grouped(value: unknown): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "_");
}
