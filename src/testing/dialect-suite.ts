import { describe } from "vitest";
import { calling } from "./dialect-calls.ts";
import { framing } from "./dialect-frames.ts";
import { streaming } from "./dialect-streams.ts";
import type { DialectSuite, DialectUnderTest } from "./dialect-under-test.ts";

/**
 * Proves that a dialect keeps its contract: what its vocabulary promises works between a real
 * server and a real client, what it does not promise is refused with `UNSUPPORTED`, and garbage
 * ends with a code. Call it in a test file of vitest.
 *
 * @example
 * dialectSuite("native", () => ({ dialect: native() }));
 */
export function dialectSuite(
  name: string,
  make: () => DialectUnderTest | Promise<DialectUnderTest>,
): void {
  const suite: DialectSuite = { make: async () => make() };
  describe(`dialect ${name}`, () => {
    calling(suite);
    streaming(suite);
    framing(suite);
  });
}
