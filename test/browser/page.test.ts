import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchChromium } from "./chromium.ts";
import { servePage } from "./page.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

it("runs a bundled script in the browser without eval", async () => {
  const served = await servePage(`
    const late = await import("fflate");
    const evil = () => new Function("return 1")();
    try { evil(); document.title = "eval ran"; }
    catch { document.title = "loaded " + typeof late.deflateSync; }`);
  const page = await browser.newPage();
  await page.goto(served.url);
  await page.waitForFunction(() => document.title !== "Sealwire");
  expect(await page.title()).toBe("loaded function");
  await page.close();
  await served.close();
});
