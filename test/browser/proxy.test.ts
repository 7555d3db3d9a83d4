import { setTimeout as pause } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createGateway } from "../../src/gateway/index.ts";
import { openSrmudp, type SrmudpLink } from "../../src/transports/srmudp/index.ts";
import { freePorts } from "../tools/free-ports.ts";
import { type Relay, relay } from "../tools/relay.ts";
import { launchChromium } from "./chromium.ts";
import { servePage } from "./page.ts";

const KEY = "a-key-that-both-peers-know";
/** As long as the issue wants it; long enough for the link to be given up meanwhile. */
const CUT_MS = 10_000;
/** A link is lost after three seconds here, and not after 21. */
const TIMES = { spanMs: 300, timeoutMs: 3_000 };

let browser: Browser;
const opened: { close(): unknown }[] = [];

beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});
afterAll(() => browser?.close());

const SCRIPT = `
  import { createSrmudpClient } from "../../src/gateway/client.ts";
  const seen = { statuses: [], texts: [], sizes: [], sums: [] };
  globalThis.seen = seen;
  globalThis.begin = async (url, host, port, key, options) => {
    const client = createSrmudpClient(url, host, port, key, options);
    globalThis.client = client;
    client.onStatus(({ status }) => seen.statuses.push(status));
    await client.connect();
    (async () => {
      for await (const { text, bytes } of client) {
        if (text !== undefined) seen.texts.push(text);
        else {
          seen.sizes.push(bytes.length);
          seen.sums.push(bytes.reduce((sum, byte) => sum + byte, 0));
        }
      }
    })();
  };
  globalThis.sendText = (text) => globalThis.client.sendText(text);
  globalThis.sendBytes = (size) => globalThis.client.sendBinary(new Uint8Array(size).fill(0xfe));
  document.title = "ready";`;

interface Seen {
  readonly statuses: readonly string[];
  readonly texts: readonly string[];
  readonly sizes: readonly number[];
  readonly sums: readonly number[];
}

async function openPage(): Promise<{ readonly page: Page; readonly origin: string }> {
  const served = await servePage(SCRIPT);
  const page = await browser.newPage();
  opened.push(served, page);
  await page.goto(served.url);
  await page.waitForFunction(() => document.title === "ready");
  return { page, origin: new URL(served.url).origin };
}

/** Runs a function that the page's script put there. */
function run(page: Page, name: string, ...args: readonly unknown[]): Promise<unknown> {
  return page.evaluate(
    async ([name, args]) => {
      const found: unknown = Reflect.get(globalThis, name);
      return typeof found === "function" ? await found(...args) : undefined;
    },
    [name, args] as const,
  );
}

async function seenIn(page: Page): Promise<Seen> {
  return page.evaluate(() => Reflect.get(globalThis, "seen"));
}

async function echo(link: SrmudpLink): Promise<void> {
  for await (const message of link.messages) void link.send(message).catch(() => {});
}

interface World {
  readonly page: Page;
  readonly path: Relay;
}

/** The page's client, the gateway, a path that can be cut, and a peer that sends back. */
async function world(): Promise<World> {
  const [near = 0, far = 0, toFar = 0, toNear = 0] = await freePorts(4);
  const path = await relay({ client: near, to: far, listen: toFar, back: toNear });
  opened.push(path);
  const { page, origin } = await openPage();
  const gateway = createGateway({
    ...{ allowPrivate: true, bindHost: "127.0.0.1", allowedOrigins: [origin], srmudp: TIMES },
  });
  opened.push(gateway);
  const { host } = await gateway.listen("http://127.0.0.1:0");
  const peer = await openSrmudp({
    ...{ bind: { host: "127.0.0.1", port: far }, remote: { host: "127.0.0.1", port: toNear } },
    ...{ ...TIMES, secret: KEY },
  });
  opened.push(peer);
  void echo(peer).catch(() => {});
  const options = { localPort: near, authenticate: true };
  await run(page, "begin", `ws://${host}/v0/ws/proxy`, "127.0.0.1", toFar, KEY, options);
  return { page, path };
}

it("carries text and bytes from a page to a peer and back, also after a cut", async () => {
  const { page, path } = await world();
  const statuses = async () => (await seenIn(page)).statuses;
  await expect.poll(statuses, { timeout: 10_000 }).toContain("UDP_ESTABLISHED");
  await run(page, "sendText", "grüße aus der Seite");
  await run(page, "sendBytes", 300_000);
  await expect.poll(async () => (await seenIn(page)).sizes, { timeout: 10_000 }).toHaveLength(1);
  expect(await seenIn(page)).toMatchObject({
    ...{ texts: ["grüße aus der Seite"], sizes: [300_000], sums: [300_000 * 0xfe] },
  });

  await path.set({ loss: 100 });
  await pause(CUT_MS);
  expect((await statuses()).at(-1)).toBe("RECONNECTING");
  await path.set({ loss: 0 });
  const back = async () => (await statuses()).at(-1);
  await expect.poll(back, { timeout: 10_000 }).toBe("UDP_ESTABLISHED");
  await run(page, "sendText", "wieder da");
  await expect
    .poll(async () => (await seenIn(page)).texts, { timeout: 10_000 })
    .toContain("wieder da");
  expect(await statuses()).toEqual([
    ...["CONNECTED", "UDP_WAITING", "UDP_ESTABLISHED"],
    ...["RECONNECTING", "UDP_ESTABLISHED"],
  ]);
});
