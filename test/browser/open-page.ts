import type { Browser, Page } from "playwright-core";
import { type PageServer, servePage } from "./page.ts";
import type { Scenarios } from "./scenarios.ts";

/** A page with the scenarios, and what it did beside. */
export interface OpenPage {
  /** What servers must allow. */
  readonly origin: string;
  /** Runs a scenario in the page. */
  run<Name extends keyof Scenarios>(
    name: Name,
    ...args: Parameters<Scenarios[Name]>
  ): Promise<Awaited<ReturnType<Scenarios[Name]>>>;
  /** Everything that its console got. */
  readonly console: readonly string[];
  /** Names of the scripts it has loaded. */
  readonly scripts: readonly string[];
  close(): Promise<void>;
}

const SCRIPT = `
  import { scenarios } from "./scenarios.ts";
  globalThis.scenarios = scenarios();
  document.title = "ready";`;

/** Opens the page, `before` anything of it runs. */
export async function openPage(
  browser: Browser,
  before: (page: Page) => Promise<void> = async () => {},
): Promise<OpenPage> {
  const served: PageServer = await servePage(SCRIPT);
  const page = await browser.newPage();
  const console: string[] = [];
  const scripts: string[] = [];
  page.on("console", (message) => console.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => console.push(`error: ${error.message}`));
  page.on("request", (request) => scripts.push(new URL(request.url()).pathname));
  await before(page);
  await page.goto(served.url);
  await page.waitForFunction(() => document.title === "ready");
  return {
    origin: new URL(served.url).origin,
    console,
    scripts,
    run: (name, ...args) =>
      page.evaluate(
        async ([scenario, given]) => {
          const found: unknown = Reflect.get(globalThis, "scenarios");
          const run: unknown = Reflect.get(Object(found), scenario);
          if (typeof run === "function") return run(...given);
          throw new Error(`there is no scenario ${scenario}`);
        },
        [name, args] as const,
      ),
    async close() {
      await page.close();
      await served.close();
    },
  };
}
