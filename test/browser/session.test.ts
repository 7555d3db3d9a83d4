import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createServer } from "../../src/presets/node.ts";
import { websocket } from "../../src/transports/websocket/index.ts";
import { cutPath } from "../cut-path.ts";
import { launchChromium } from "./chromium.ts";
import { openPage } from "./open-page.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

it("a page keeps its stream and its call over a cut", async () => {
  const page = await openPage(browser);
  const path = await cutPath();
  const server = createServer();
  server.procedure("cut", { public: true }, () => {
    path.cut();
    return "done";
  });
  server.procedure("count", { public: true }, async function* (call) {
    for (let i = 0; i < Number(call.args.positional[0]); i++) yield i;
  });
  const transport = websocket({ allowedOrigins: [page.origin] });
  const { address } = await server.listen("ws://127.0.0.1:0", { transport });
  path.to(Number(address.port));
  const facts = { url: `ws://127.0.0.1:${path.port}`, pin: await server.fingerprint() };
  const { call, recovered, got } = await page.run("overCut", facts, 5_000);
  expect([call, recovered, server.sessions.resumed]).toEqual(["done", [true], 1]);
  expect(got).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
  await page.close();
  await server.close({ drainMs: 0 });
  path.close();
});
