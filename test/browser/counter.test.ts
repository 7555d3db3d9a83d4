import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Program, typed } from "../examples/program.ts";
import { launchChromium } from "./chromium.ts";

let browser: Browser;
const cleaning: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});
afterAll(() => browser?.close());

/** The server and page of the example, as its README starts them. */
async function started(): Promise<{ readonly program: Program; readonly page: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sealwire-page-"));
  cleaning.push(() => rm(folder, { recursive: true, force: true }));
  const file = "examples/shared-counter/page-server.ts";
  const places = `${folder}/state tcp://127.0.0.1:0 ws://127.0.0.1:0`;
  const program = typed(`exec node scripts/run.js ${file} ${places}`);
  cleaning.push(async () => {
    program.signal("SIGKILL");
    await program.ended();
  });
  return { program, page: (await program.line(/^page /)).slice("page ".length) };
}

/** A window of its own, as of another user. */
async function opened(url: string): Promise<{ readonly page: Page; readonly said: string[] }> {
  const context = await browser.newContext({ viewport: { width: 520, height: 560 } });
  cleaning.push(() => context.close());
  const page = await context.newPage();
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  await page.goto(url);
  await page.locator('#state[data-state="open"]').waitFor();
  return { page, said };
}

const shown = (page: Page, id: string) => page.locator(`#${id}`).textContent();

it("shows in each window what the other changes", async () => {
  const { page: url } = await started();
  const [one, two] = [await opened(url), await opened(url)];
  for (let i = 0; i < 3; i++) await one.page.click("#more");
  await two.page.click("#more");
  await two.page.click("#less");
  for (const { page } of [one, two]) {
    await expect.poll(() => shown(page, "visitors")).toBe("3");
  }

  await one.page.fill("#title", "From the first window");
  await one.page.click("#change button");
  const title = () => two.page.locator("#title").inputValue();
  await expect.poll(title).toBe("From the first window");
  await two.page.fill("#title", "And from the second");
  await two.page.click("#change button");
  await expect.poll(() => one.page.locator("#title").inputValue()).toBe("And from the second");
  const shots = process.env["SEALWIRE_SCREENSHOTS"];
  for (const [i, { page }] of [one, two].entries()) {
    if (shots) await page.screenshot({ path: join(shots, `counter-${i + 1}.png`) });
  }
  expect([...one.said, ...two.said]).toEqual([]);
});
