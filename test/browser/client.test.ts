import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { generateKeyPair } from "../../src/crypto/keys.ts";
import { nodeCrypto } from "../../src/crypto/providers/best.node.ts";
import {
  anonymous,
  apiKeys,
  bearerTokens,
  createServer,
  firstOf,
  issueApiKey,
  passwords,
  sharedSecret,
} from "../../src/presets/node.ts";
import type { Server } from "../../src/server/server.ts";
import { websocket } from "../../src/transports/websocket/index.ts";
import { launchChromium } from "./chromium.ts";
import { type OpenPage, openPage } from "./open-page.ts";
import { scenarioServer } from "./scenario-server.ts";
import type { Facts } from "./scenarios.ts";

const PASSWORD = "correct horse battery staple";
const TOKEN = "token-of-tim-4711";
const SECRET = "kq3XvT9bZ0sYp7LmR2wD8fHcJ5nGa1EuVtQx4oKi";
const identity = await generateKeyPair(await nodeCrypto());
const issued = await issueApiKey({ user: "kim" });
const key = { scheme: "api-key", key: issued.key } as const;
const authenticator = firstOf(
  apiKeys([issued.record]),
  bearerTokens({ [TOKEN]: "tim" }),
  passwords({ ann: PASSWORD }),
  sharedSecret([SECRET], { user: "sam" }),
  anonymous(),
);

let browser: Browser;
let page: OpenPage;
let server: Server;
let facts: Facts;
const aborted: string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  page = await openPage(browser);
  server = serving();
  facts = { url: await listening(server, 0), pin: await server.fingerprint(), credentials: key };
});
afterEach(async () => {
  await page.close();
  await server.close({ drainMs: 100 });
});

function serving(): Server {
  return scenarioServer({ authenticator, native: { identity } }, aborted);
}

async function listening(made: Server, port: number): Promise<string> {
  const transport = websocket({ allowedOrigins: [page.origin] });
  const listener = await made.listen(`ws://127.0.0.1:${port}`, { transport });
  return listener.address.href;
}

/** Neither complaints nor anything secret. */
function expectQuietConsole(): void {
  expect(page.console).toEqual([]);
}

describe("a page proves who it is", () => {
  it("by nothing, as far as procedures are public", async () => {
    const { url, pin = "" } = facts;
    expect(await page.run("whoami", { url, pin })).toBe("nobody");
    expectQuietConsole();
  });

  it("by an API key, without loading what it does not need", async () => {
    expect(await page.run("whoami", facts)).toBe("kim");
    expect(page.scripts.filter((path) => /25519|opaque|esm|scrypt/.test(path))).toEqual([]);
    expectQuietConsole();
  });

  it("by a token", async () => {
    const credentials = { scheme: "token", token: TOKEN } as const;
    expect(await page.run("whoami", { ...facts, credentials })).toBe("tim");
    expectQuietConsole();
  });

  it("by a password, for which it loads more, under a policy without eval", async () => {
    const before = page.scripts.length;
    const credentials = { scheme: "password", user: "ann", password: PASSWORD } as const;
    expect(await page.run("whoami", { ...facts, credentials })).toBe("ann");
    expect(page.scripts.length).toBeGreaterThan(before);
    expectQuietConsole();
  });

  it("by a shared secret, without knowing the server's key", async () => {
    const credentials = { scheme: "secret", secret: SECRET } as const;
    expect(await page.run("whoami", { url: facts.url, credentials })).toBe("sam");
    expectQuietConsole();
  });

  it.each([
    ["a wrong token", { scheme: "token", token: "wrong-token" }, "UNAUTHENTICATED"],
    ["a wrong password", { scheme: "password", user: "ann", password: "x" }, "UNAUTHENTICATED"],
    ["an unknown user", { scheme: "password", user: "eve", password: "x" }, "UNAUTHENTICATED"],
    ["a mistyped API key", { scheme: "api-key", key: "sw_mistyped" }, "INVALID_ARGUMENT"],
  ] as const)("is refused with %s", async (_, credentials, code) => {
    expect(await page.run("refusal", { ...facts, credentials })).toBe(code);
    expectQuietConsole();
  });

  it("is refused with another key than the pin", async () => {
    const other = await createServer().fingerprint();
    expect(await page.run("refusal", { ...facts, pin: other })).toBe("HANDSHAKE_FAILED");
    expectQuietConsole();
  });

  it("does not even try without a pin", async () => {
    const { url } = facts;
    expect(await page.run("refusal", { url, credentials: key })).toBe("INVALID_ARGUMENT");
    expect(server.connections.size).toBe(0);
  });

  it("is not let in from another origin", async () => {
    const strict = await server.listen("ws://127.0.0.1:0");
    const url = strict.address.href;
    expect(await page.run("refusal", { ...facts, url })).toBe("UNAVAILABLE");
  });
});

describe("a page without Web Crypto", () => {
  it("loads another implementation of X25519 and connects all the same", async () => {
    await page.close();
    page = await openPage(browser, async (opened) => {
      await opened.addInitScript(() => {
        Reflect.deleteProperty(Crypto.prototype, "subtle");
      });
    });
    expect(await page.run("whoami", { ...facts, url: await listening(server, 0) })).toBe("kim");
    expect(page.scripts.some((path) => path.includes("25519"))).toBe(true);
    expectQuietConsole();
  });
});

describe("a page that is connected", () => {
  it("gets values back as what they were", async () => {
    expect(await page.run("richValues", facts)).toEqual({
      bytes: [1, 2, 255],
      big: String(2n ** 70n),
      date: "1970-01-02T00:00:00.000Z",
      set: [1, 2],
      text: "🦭",
      failure: "too far",
    });
    expectQuietConsole();
  });

  it("sends and receives many megabytes in one value", async () => {
    expect(await page.run("bigBytes", facts, 8)).toBe(true);
    expectQuietConsole();
  });

  it("streams down, up and both ways", async () => {
    expect(await page.run("streams", facts)).toEqual({
      down: 500_500,
      up: 500_500,
      both: [2, 4, 6, 8, 10],
      parts: 64 * 262_144,
    });
    expectQuietConsole();
  });

  it("tells and is told of events", async () => {
    expect(await page.run("events", facts)).toEqual(["one!", "two!", "three!"]);
    expectQuietConsole();
  });

  it("is called by the server", async () => {
    expect(await page.run("calledBack", facts)).toBe("hello in ready");
    expectQuietConsole();
  });

  it("cancels a call, and the handler hears of it", async () => {
    expect(await page.run("cancelled", facts)).toBe("CANCELLED");
    await expect.poll(() => aborted).toContain("CANCELLED");
    expectQuietConsole();
  });

  it("gives up a call that takes too long", async () => {
    expect(await page.run("late", facts)).toBe("DEADLINE_EXCEEDED");
    expectQuietConsole();
  });

  it("comes back after the server was started anew, with its events", async () => {
    await page.run("stay", facts);
    await server.close({ drainMs: 0 });
    server = serving();
    await listening(server, Number(new URL(facts.url).port));
    const { sum, states } = await page.run("afterBreak");
    expect(sum).toBe(5);
    expect(states).toContain("broken");
    expect(states.at(-1)).toBe("open");
    await expect
      .poll(async () => {
        await server.broadcast("tick", {});
        return page.run("ticksSeen");
      })
      .toBeGreaterThan(0);
    await page.run("leave");
    await expect.poll(() => server.connections.size).toBe(0);
    // Of a server that is away Chromium itself tells the console; of anything secret nobody does.
    const text = page.console.join("\n");
    for (const secret of [issued.key, TOKEN, PASSWORD, SECRET]) expect(text).not.toContain(secret);
  });
});
