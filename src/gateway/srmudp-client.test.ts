import { afterEach, describe, expect, it } from "vitest";
import { type FakeLinks, fakeLinks } from "../../test/gateway/fake-links.ts";
import { apiKeyRecord, apiKeys } from "../auth/api-keys.ts";
import { SealwireError } from "../core/model/errors.ts";
import { createSrmudpClient, type SrmudpClientOptions } from "./client.node.ts";
import { createGateway, type Gateway, type GatewayOptions } from "./index.ts";
import type { SrmudpWebSocketClient } from "./srmudp-client.ts";

/** Busy machines take their time. */
const SOON = { timeout: 8_000 };

const opened: { close(): unknown }[] = [];
const QUICK = { baseMs: 5, maxMs: 20 };

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

interface World extends FakeLinks {
  readonly proxy: Gateway;
  readonly url: string;
  client(options?: SrmudpClientOptions): SrmudpWebSocketClient;
  /** Ends the proxy and starts another at the same address. */
  restart(): Promise<void>;
}

async function world(options: GatewayOptions = {}): Promise<World> {
  const links = fakeLinks();
  const start = () => {
    const made = createGateway({ allowPrivate: true, links: { srmudp: links.open }, ...options });
    opened.push(made);
    return made;
  };
  let proxy = start();
  const address = await proxy.listen("http://127.0.0.1:0");
  const url = `ws://${address.host}/v0/ws/proxy`;
  const client = (own: SrmudpClientOptions = {}) => {
    const made = createSrmudpClient(url, "127.0.0.1", 9602, "geheim", { reconnect: QUICK, ...own });
    opened.push(made);
    return made;
  };
  const restart = async () => {
    await proxy.close();
    proxy = start();
    await proxy.listen(address);
  };
  return Object.assign(links, { proxy, url, client, restart });
}

function wordsOf(client: SrmudpWebSocketClient): readonly string[] {
  const words: string[] = [];
  client.onStatus(({ status }) => words.push(status));
  return words;
}

describe("the client of the proxy", () => {
  it("sends text and bytes that are acknowledged, and takes what the peer sends", async () => {
    const { client, opened: link } = await world();
    const page = client();
    const words = wordsOf(page);
    await page.connect();
    const peer = await link(0);
    peer.establish(true);
    await page.established();
    expect(words).toEqual(["CONNECTED", "UDP_WAITING", "UDP_ESTABLISHED"]);
    expect(page.status).toMatchObject({ authenticated: true, localPort: 40_000 });
    await page.sendText("grüße");
    await page.sendBinary(Uint8Array.of(0, 255));
    expect(peer.sent.map((bytes) => [...bytes])[1]).toEqual([0, 255]);
    peer.deliver("hallo");
    peer.deliver(Uint8Array.of(255));
    const messages = page[Symbol.asyncIterator]();
    expect((await messages.next()).value).toMatchObject({ text: "hallo" });
    expect((await messages.next()).value).toEqual({ bytes: Uint8Array.of(255) });
  });

  it("keeps its key out of the address unless it is told to", async () => {
    const { client, opened: link } = await world();
    await client({ authenticate: true }).connect();
    expect(new TextDecoder().decode((await link(0)).opening.secret)).toBe("geheim");
    await client({ keyInAddress: true, clientId: "other" }).connect();
    await link(1);
  });

  it("comes back by itself, on the same UDP port, and sends what waited meanwhile", async () => {
    const { client, opened: link, restart } = await world();
    const page = client();
    const words = wordsOf(page);
    await page.connect();
    (await link(0)).establish();
    await page.established();
    await restart();
    await expect.poll(() => page.status?.status, SOON).not.toBe("UDP_ESTABLISHED");
    const sent = page.sendText("later");
    const again = await link(1);
    expect(again.opening.bind.port).toBe(40_000);
    again.establish();
    await sent;
    await page.established();
    expect(words.filter((word) => word !== "RECONNECTING")).toEqual([
      ...["CONNECTED", "UDP_WAITING", "UDP_ESTABLISHED"],
      ...["ERROR", "CONNECTED", "UDP_WAITING", "UDP_ESTABLISHED"],
    ]);
    expect(words).toContain("RECONNECTING");
  });

  it("says of a message on the way that nobody knows, when the connection breaks", async () => {
    const { client, opened: link, restart } = await world();
    const page = client();
    await page.connect();
    (await link(0)).acknowledges = false;
    const sent = page.sendText("x");
    await expect.poll(async () => (await link(0)).sent.length, SOON).toBe(1);
    const failed = expect(sent).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await restart();
    await failed;
  });

  it("ends for good where another try would hear the same", async () => {
    const { client, opened: link } = await world();
    const page = client({ authenticate: true });
    await page.connect();
    (await link(0)).end(new SealwireError("UNAUTHENTICATED", "the secrets differ"));
    await expect(page.established()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(page.sendText("x")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(page.status).toMatchObject({ status: "ERROR", error: { code: "UNAUTHENTICATED" } });
  });

  it("gives up after as many tries as it has", async () => {
    const { client, proxy } = await world();
    const page = client({ reconnect: { ...QUICK, attempts: 2 } });
    await page.connect();
    await proxy.close();
    await expect(page.established()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("rejects at once when nobody answers, or the proxy refuses", async () => {
    const { url } = await world({ allowPrivate: false });
    const nobody = createSrmudpClient("ws://127.0.0.1:9/", "127.0.0.1", 9602, "k");
    await expect(nobody.connect()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    const refused = createSrmudpClient(url, "127.0.0.1", 9602, "k", { keyInAddress: true });
    await expect(refused.connect()).rejects.toMatchObject({ code: "HANDSHAKE_FAILED" });
  });

  it("proves itself to a proxy that asks for an API key", async () => {
    const authenticator = apiKeys([await apiKeyRecord("mein-freier-text", { user: "ann" })]);
    const { client, opened: link } = await world({ authenticator });
    await client({ apiKey: "mein-freier-text" }).connect();
    await link(0);
    const stranger = client({ apiKey: "falsch", reconnect: false });
    await stranger.connect();
    await expect(stranger.established()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("asks for the public address of its link", async () => {
    const made = await world({ stunServers: ["192.0.2.1:3478"] });
    made.publicAddress = { host: "198.51.100.7", port: 5_000 };
    const page = made.client();
    await page.connect();
    await made.opened(0);
    await expect(page.discoverPublicAddress()).resolves.toEqual(made.publicAddress);
    made.publicAddress = undefined;
    await expect(page.discoverPublicAddress()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it.each([
    [["http://x/", "h", 1, "k"], /ws:\/\/host/],
    [["ws://x/", "", 1, "k"], /remoteHost is empty/],
    [["ws://x/", "h", 0, "k"], /remotePort is 0/],
    [["ws://x/", "h", 1, ""], /encryptionKey has not/],
  ] as const)("refuses %j", ([url, host, port, key], words) => {
    expect(() => createSrmudpClient(url, host, port, key)).toThrow(words);
  });
});
