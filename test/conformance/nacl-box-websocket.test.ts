import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { connect, createServer, type NodeServer } from "../../src/presets/node.ts";
import { judge } from "../nacl-box/original-client.ts";

// What the note on the wire says of servers on WebSocket, by its numbers, over real sockets. Rules
// 2 and 3, and the traps, are in src/dialects/nacl-box/traps.test.ts.

const KEY = Buffer.alloc(32, 9).toString("base64");
const HELLO = `{"type": "HELLO", "client_pubkey": "${KEY}"}`;
const credentials = { scheme: "api-key", key: "abc" } as const;
const opened: { close(options: { drainMs: number }): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close({ drainMs: 0 });
});

async function serving(
  address = "nacl-box+ws://127.0.0.1:0",
): Promise<{ readonly server: NodeServer; readonly url: string; readonly web: string }> {
  const server = createServer({ authenticator: { authenticate: judge } });
  opened.push(server);
  server.expose({ echo: (value: unknown) => value });
  const { href } = (await server.listen(address)).address;
  return { server, url: href, web: href.replace("nacl-box+", "") };
}

/** A page's socket, without libsodium. */
async function page(web: string, origin?: string): Promise<WebSocket> {
  const socket = new WebSocket(web, origin === undefined ? {} : { origin });
  opened.push({ close: async () => socket.terminate() });
  await once(socket, "open");
  return socket;
}

/** The next frame: its text, and whether it came as text. */
async function ask(socket: WebSocket, body: string): Promise<readonly [string, boolean]> {
  const answer = once(socket, "message");
  socket.send(body);
  const [data, isBinary] = await answer;
  return [String(data), !isBinary];
}

describe("the rules of the note for servers on WebSocket, on the network", () => {
  it("1: every frame that leaves is text", async () => {
    const socket = await page((await serving()).web);
    for (const body of [HELLO, "no json", `{"client_pubkey": "${KEY}"}`]) {
      const [, isText] = await ask(socket, body);
      expect(isText).toBe(true);
    }
  });

  it("4: keys leave as standard base64 with padding", async () => {
    const socket = await page((await serving()).web);
    const [text] = await ask(socket, HELLO);
    expect(JSON.parse(text)).toEqual({
      type: "HELLO_ACK",
      server_pubkey: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    });
  });

  it("5: errors are plain JSON", async () => {
    const socket = await page((await serving()).web);
    const [text] = await ask(socket, "no json");
    expect(JSON.parse(text)).toEqual({ status: "error", error: expect.any(String) });
  });

  it("6: a call that is open when the socket closes fails, and the next one is answered", async () => {
    const { server, url } = await serving();
    server.procedure("leave", (call) => {
      void server.connections.get(call.peer.id)?.close();
      return new Promise(() => {});
    });
    const client = await connect(url, { credentials });
    opened.push(client);
    await expect(client.call("leave")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await client.call("echo", [1])).toBe(1);
  });

  it("7: pages of other sites are not let in, those of its own are", async () => {
    const { web } = await serving();
    const own = web.replace(/^ws/, "http").replace(/\/$/, "");
    const [text] = await ask(await page(web, own), HELLO);
    expect(text).toContain("HELLO_ACK");
    await expect(page(web, "https://elsewhere.example")).rejects.toThrow("403");
  });

  it("8: calls of ours leave no listeners behind", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    const { url } = await serving();
    const client = await connect(url, { credentials });
    opened.push(client);
    for (let n = 0; n < 40; n++) expect(await client.call("echo", [n])).toBe(n);
    // Warnings are told in a turn of their own.
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });
});

it("trap 10: a server with new keys is greeted anew by clients that knew the old ones", async () => {
  const first = await serving();
  const client = await connect(first.url, { credentials, reconnect: { baseMs: 5, maxMs: 20 } });
  opened.push(client);
  expect(await client.call("echo", ["before"])).toBe("before");
  await first.server.close({ drainMs: 0 });
  await serving(first.url);
  expect(await client.call("echo", ["after"], { idempotent: true })).toBe("after");
});
