import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeBox } from "../../src/crypto/providers/node-box.node.ts";
import { naclBox } from "../../src/dialects/nacl-box/index.ts";
import { createServer, type NodeServer, native } from "../../src/presets/node.ts";
import { websocket } from "../../src/transports/websocket/index.ts";
import { judge } from "../nacl-box/original-client.ts";
import { launchChromium } from "./chromium.ts";
import type { BoxScenarios } from "./nacl-box-scenarios.ts";
import { type PageServer, servePage } from "./page.ts";

// By require, because the modules of libsodium-wrappers 0.7 lack a file that they import.
const SCRIPT = `
  import { boxScenarios } from "./nacl-box-scenarios.ts";
  globalThis.scenarios = boxScenarios(require("libsodium-wrappers"));
  document.title = "ready";`;

let browser: Browser;
let served: PageServer;
let page: Page;
let server: NodeServer;
let url: string;

beforeAll(async () => {
  [browser, served] = await Promise.all([launchChromium(), servePage(SCRIPT)]);
  server = createServer({ authenticator: { authenticate: judge } });
  register(server);
  const transport = websocket({ allowedOrigins: [new URL(served.url).origin] });
  // One port for old pages and new ones: who speaks which is told from the first frame.
  const dialects = [native(), naclBox({ crypto: nodeBox() })];
  const { address } = await server.listen("ws://127.0.0.1:0", { transport, dialects });
  url = `ws://127.0.0.1:${address.port}`;
  page = await browser.newPage();
  await page.goto(served.url);
  await page.waitForFunction(() => document.title === "ready");
});

afterAll(async () => {
  await browser?.close();
  await served?.close();
  await server?.close({ drainMs: 0 });
});

function register(made: NodeServer): void {
  made.expose({ ping: () => "pong" }, { public: true });
  made.expose({
    add: (a: number, b: number) => a + b,
    echo: (value: unknown) => value,
    fail(text: string) {
      throw new TypeError(text);
    },
    double(name: string) {
      made.shared.set(name, 2 * Number(made.shared.get(name)));
    },
  });
  made.procedure("whoami", (call) => call.principal?.id);
}

/** Runs a scenario in the page. */
function run<Name extends keyof BoxScenarios>(
  name: Name,
  ...args: Parameters<BoxScenarios[Name]>
): Promise<Awaited<ReturnType<BoxScenarios[Name]>>> {
  return page.evaluate(
    async ([scenario, given]) => {
      const run: unknown = Reflect.get(Object(Reflect.get(globalThis, "scenarios")), scenario);
      if (typeof run === "function") return run(...given);
      throw new Error(`there is no scenario ${scenario}`);
    },
    [name, args] as const,
  );
}

describe("a page with a client made like the original's", () => {
  it("greets, calls, fails and shares", async () => {
    expect(await run("original", url, "abc")).toEqual([
      ...["pong", 30, 1, "äöü€𝄞"],
      "Error: Funktion nope nicht gefunden",
      true,
      "Error: böse",
    ]);
    expect(server.shared.get("zahl")).toBe(77);
  });

  it("may call without a key what is public", async () => {
    const wrong = "Error: Ungültiger API-Key";
    const [pong, ...refused] = await run("original", url);
    expect(pong).toBe("pong");
    const unknown = "Error: Funktion nope nicht gefunden";
    expect(refused).toEqual([wrong, wrong, wrong, unknown, wrong, wrong]);
  });

  it("is answered by an error when it repeats an envelope or sends what is no request", async () => {
    const [first, again, garbage, binary, pong] = await run("malformed", url);
    expect(String(first)).toMatch(/^[A-Za-z0-9+/]+=*$/);
    for (const error of [again, garbage, binary]) {
      expect(JSON.parse(String(error))).toMatchObject({ status: "error" });
    }
    expect(String(again)).toContain("was sent before");
    expect(pong).toBe("pong");
  });

  it("is told apart from seven others with other keys", async () => {
    const keys = ["abc", "key-ü", "zero", "empty", "abc", "key-ü", "zero", "empty"];
    const names = [[1], ["alice"], [0], [""], [1], ["alice"], [0], [""]];
    expect(await run("crowd", url, keys)).toEqual(names);
  });
});

describe("a page with our client", () => {
  it("calls many at once over one connection, and reads errors by their code", async () => {
    const [user, sums, unknown, failed] = await run("ours", url, "key-ü");
    expect(user).toBe("alice");
    expect(sums).toEqual(Array.from({ length: 64 }, (_, i) => 2 * i));
    expect([unknown, failed]).toEqual([
      "SealwireError: Funktion nope nicht gefunden",
      "SealwireError: böse",
    ]);
  });

  it("hears of variables that the server changes", async () => {
    expect(await run("pushed", url, "abc")).toBe(10);
  });
});
