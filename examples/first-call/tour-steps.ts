import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { type Client, connect, SealwireError } from "sealwire";
import type { Demonstration } from "./demonstration.ts";
import type { Api } from "./server.ts";

/** One thing that the tour shows; `run` resolves with what came of it, and throws if it is wrong. */
export interface Step {
  readonly what: string;
  readonly from: "Node" | "command line" | "Chromium";
  readonly run: () => Promise<string>;
}

/** What a program in Node does. */
export function stepsInNode({ tcp, webSocket, key, fingerprint }: Demonstration): readonly Step[] {
  const credentials = { scheme: "api-key", key } as const;
  const step = (what: string, use: (client: Client) => Promise<string>, url = tcp): Step => ({
    what,
    from: "Node",
    run: async () => {
      await using client = await connect(url, { credentials, pin: fingerprint });
      // Without `await` the client would be closed before it has been used.
      return await use(client);
    },
  });
  return [
    step("add(2, 3)", async (client) => is(await client.api<Api>().add(2, 3), 5)),
    step(
      "whoami() over WebSocket",
      async (client) => is(await client.call("whoami"), "you"),
      webSocket,
    ),
    step("countdown(3), a stream", async (client) => {
      const items: number[] = [];
      for await (const left of client.api<Api>().countdown(3)) items.push(left);
      return is(items.join(" "), "3 2 1 0");
    }),
    step("tick, an event", async (client) => {
      await new Promise((resolve) => void client.onEvent("tick", resolve));
      return "received";
    }),
    { what: "add(2, 3) without a key", from: "Node", run: () => withoutKey(tcp, fingerprint) },
    { what: "a server with another key", from: "Node", run: () => otherKey(tcp, fingerprint) },
  ];
}

/** What one types in a terminal. */
export function stepsOnCommandLine(running: Demonstration): readonly Step[] {
  const { tcp, webSocket, key, fingerprint } = running;
  const step = (args: readonly string[], expected: RegExp, lines: number): Step => ({
    what: `sealwire ${args.join(" ")}`,
    from: "command line",
    run: () => firstLines([...args, "--pin", fingerprint], key, lines, expected),
  });
  return [
    step(["call", tcp.href, "add", "2", "3"], /^5$/, 1),
    step(["call", webSocket.href, "countdown", "2"], /^2 1 0$/, 3),
    step(["watch", tcp.href, "tick"], /connections/, 1),
  ];
}

/** What the page does in a browser. */
export function stepsInBrowser(
  browser: Browser,
  { page: address }: Demonstration,
): readonly Step[] {
  const complaints: string[] = [];
  let page: Page | undefined;
  const opened = async (): Promise<Page> => {
    page ??= await browser.newPage();
    return page;
  };
  const step = (what: string, run: (page: Page) => Promise<string>): Step => ({
    what,
    from: "Chromium",
    run: async () => run(await opened()),
  });
  return [
    step("the page connects", async (page) => {
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(address.href);
      return shown(page, "state", /^open$/);
    }),
    step("add", async (page) => {
      await page.click("#add button");
      return shown(page, "sum", /^5$/);
    }),
    step("countdown, stopped by a click", async (page) => {
      await page.click("#begin");
      await shown(page, "count", /^1\d$/);
      await page.click("#stop");
      return shown(page, "count", /^stopped/);
    }),
    step("tick", async (page) => shown(page, "tick", /connected$/)),
    step("its console", async () => is(complaints.join("; ") || "silent", "silent")),
  ];
}

async function withoutKey(url: URL, pin: string): Promise<string> {
  await using client = await connect(url, { pin });
  return await refusal(client.call("add", [2, 3]), "UNAUTHENTICATED");
}

async function otherKey(url: URL, pin: string): Promise<string> {
  const other = await otherFingerprint();
  assert.notEqual(other, pin);
  return refusal(connect(url, { pin: other, reconnect: false }), "HANDSHAKE_FAILED");
}

/** The fingerprint of a server that never listens. */
async function otherFingerprint(): Promise<string> {
  const { createServer } = await import("sealwire");
  return createServer().fingerprint();
}

async function refusal(attempt: Promise<unknown>, code: string): Promise<string> {
  const outcome = await attempt.catch((error: unknown) => SealwireError.from(error).code);
  return `refused: ${is(outcome, code)}`;
}

const SEALWIRE = fileURLToPath(new URL("../../bin/sealwire.js", import.meta.url));

/** The first lines that the command prints; what goes on after them is ended as by Ctrl-C. */
async function firstLines(
  args: readonly string[],
  key: string,
  count: number,
  expected: RegExp,
): Promise<string> {
  const env = { ...process.env, SEALWIRE_KEY: key };
  const child = spawn(process.execPath, [SEALWIRE, ...args], { env });
  const complaints: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  const ended = once(child, "close");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (lines.push(line) === count) break;
  }
  child.kill("SIGINT");
  await ended;
  assert.match(lines.join(" "), expected, complaints.join(""));
  return lines.join(" ");
}

const PATIENCE_MS = 10_000;

/** The text of an element, once it is as expected. */
async function shown(page: Page, id: string, expected: RegExp): Promise<string> {
  const found = page.locator(`#${id}`).filter({ hasText: expected });
  await found.waitFor({ timeout: PATIENCE_MS });
  return (await found.textContent()) ?? "";
}

function is(value: unknown, expected: unknown): string {
  assert.deepEqual(value, expected);
  return String(value);
}
