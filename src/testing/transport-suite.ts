import { afterEach, beforeEach, describe } from "vitest";
import { Ends } from "./channel-ends.ts";
import { ending } from "./transport-ending.ts";
import { meeting } from "./transport-meeting.ts";
import { moving } from "./transport-moving.ts";
import type { Suite, TransportUnderTest } from "./transport-under-test.ts";
import { waiting } from "./transport-waiting.ts";

/**
 * Proves that a transport keeps its contract. Call it in a test file of vitest.
 *
 * @example
 * transportSuite("tcp", () => ({ transport: tcp(), address: new URL("tcp://127.0.0.1:0") }));
 */
export function transportSuite(
  name: string,
  make: () => TransportUnderTest | Promise<TransportUnderTest>,
): void {
  const suite: Suite = {
    ends: new Ends(),
    made: async () => make(),
    async open() {
      const { transport, address } = await make();
      return suite.ends.open(transport, address);
    },
  };
  describe(`transport ${name}`, () => {
    beforeEach(() => {
      suite.ends = new Ends();
    });
    afterEach(() => suite.ends.closeAll());
    moving(suite);
    ending(suite);
    waiting(suite);
    meeting(suite);
  });
}
