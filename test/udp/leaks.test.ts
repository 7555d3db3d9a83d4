import { afterEach, describe, expect, test } from "vitest";
import type { Channel, Listener, Transport } from "../../src/core/contracts/transport.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import { srmudp } from "../../src/transports/srmudp/srmudp.ts";
import { udp } from "../../src/transports/udp/udp.ts";
import { tell, WHOLE } from "../tools/figures.ts";
import { held } from "../tools/memory.ts";

const CONNECTIONS = WHOLE ? 1_000 : 50;
const MESSAGES = WHOLE ? 100_000 : 5_000;
const MESSAGE_BYTES = 100;
const MOST_BLOCKED_BYTES = 4_194_304;
const OVER = new SealwireError("CANCELLED", "the test is over");
const LIMIT_MS = WHOLE ? 600_000 : 60_000;
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Connects to a listener; both ends. */
async function connected(transport: Transport, listener: Listener): Promise<[Channel, Channel]> {
  const arrival = listener[Symbol.asyncIterator]().next();
  const near = await transport.connect(listener.address, { signal: new AbortController().signal });
  return [near, (await arrival).value];
}

async function listening(transport: Transport, scheme: string): Promise<Listener> {
  const listener = await transport.listen(new URL(`${scheme}://127.0.0.1:0`));
  closers.push(() => listener.close());
  return listener;
}

/** Says something, hears it, and goes in order. */
async function meet(transport: Transport, listener: Listener): Promise<void> {
  const [near, far] = await connected(transport, listener);
  near.write([Uint8Array.of(1)]);
  await far[Symbol.asyncIterator]().next();
  await Promise.all([near.close(), far.close()]);
}

const percent = (after: number, before: number) => (100 * (after / before - 1)).toFixed(1);

describe.each([
  ["udp", udp()],
  ["srmudp", srmudp()],
])("%s", (scheme, transport) => {
  test(
    "connections that come and go leave nothing behind",
    async () => {
      const listener = await listening(transport, scheme);
      for (let count = 0; count < CONNECTIONS; count++) await meet(transport, listener);
      const before = await held();
      for (let count = 0; count < CONNECTIONS; count++) await meet(transport, listener);
      const after = await held();
      const grown = percent(after.rssBytes, before.rssBytes);
      tell(
        `${scheme}: ${CONNECTIONS} connect/close`,
        "RSS back within 20 %, no open handles",
        `RSS ${grown} %, ${after.handles - before.handles} handles`,
      );
      expect(after.rssBytes).toBeLessThan(1.2 * before.rssBytes);
      // The last ones may linger for a moment; one of each connection would be a leak.
      expect(after.handles).toBeLessThan(before.handles + CONNECTIONS / 10);
    },
    LIMIT_MS,
  );

  test(
    "many small messages leave nothing behind",
    async () => {
      const listener = await listening(transport, scheme);
      const [near, far] = await connected(transport, listener);
      closers.push(() => Promise.all([near.close(OVER), far.close(OVER)]));
      const chunks = far[Symbol.asyncIterator]();
      const send = async (count: number) => {
        let left = count * MESSAGE_BYTES;
        const sending = (async () => {
          for (let sent = 0; sent < count; sent++)
            await near.write([new Uint8Array(MESSAGE_BYTES)]);
        })();
        while (left > 0) left -= (await chunks.next()).value.length;
        await sending;
      };
      await send(MESSAGES);
      const before = await held();
      await send(MESSAGES);
      const after = await held();
      const grown = percent(after.rssBytes, before.rssBytes);
      tell(`${scheme}: ${MESSAGES} messages`, "RSS back within 20 %", `RSS ${grown} %`);
      expect(after.rssBytes).toBeLessThan(1.2 * before.rssBytes);
    },
    LIMIT_MS,
  );

  test(
    "a reader that takes nothing stops the sender at a few megabytes",
    async () => {
      const listener = await listening(transport, scheme);
      const [near, far] = await connected(transport, listener);
      closers.push(() => Promise.all([near.close(OVER), far.close(OVER)]));
      let [written, released] = [0, 0];
      let waiting: Promise<void> | undefined;
      const piece = new Uint8Array(16_384);
      const release = () => {
        released += piece.length;
      };
      const room = () => waiting === undefined || Promise.race([waiting.then(() => true), quiet()]);
      while (await room()) {
        waiting = near.write([piece], release);
        if (waiting === undefined) await new Promise((resolve) => setImmediate(resolve));
        written += piece.length;
      }
      const heldBytes = scheme === "udp" ? written : written - released;
      tell(
        `${scheme}: stalled reader`,
        "sender blocked at <= 4 MB",
        `${(heldBytes / 1e6).toFixed(2)} MB`,
      );
      expect(heldBytes).toBeLessThanOrEqual(MOST_BLOCKED_BYTES + piece.length);
      let got = 0;
      for await (const chunk of far) {
        got += chunk.length;
        if (got >= written) break;
      }
      expect(got).toBe(written);
    },
    LIMIT_MS,
  );
});

/** False after so long that whatever moves has moved. */
function quiet(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), 1_000));
}
