import { afterEach, expect, test } from "vitest";
import { createSrmudpClient } from "../../../src/gateway/client.node.ts";
import { createGateway } from "../../../src/gateway/index.ts";
import type { SrmudpWebSocketClient } from "../../../src/gateway/srmudp-client.ts";
import { freePorts } from "../../tools/free-ports.ts";
import { pythonPeer, type Said } from "../srmudp/python.ts";

const SIZES = [1, 1_425, 1_426, 1_427, 65_536, 300_000];
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7) % 251);
}

/** A client of the gateway and a peer in Python that reach each other. */
async function met(mode: readonly string[]): Promise<{
  readonly page: SrmudpWebSocketClient;
  readonly statuses: readonly string[];
  readonly said: Promise<readonly Said[]>;
}> {
  const [ours = 0, theirs = 0] = await freePorts(2);
  const gateway = createGateway({ allowPrivate: true, bindHost: "127.0.0.1" });
  opened.push(gateway);
  const { host } = await gateway.listen("http://127.0.0.1:0");
  const url = `ws://${host}/v0/ws/proxy`;
  const page = createSrmudpClient(url, "127.0.0.1", theirs, "unused", { localPort: ours });
  opened.push(page);
  const statuses: string[] = [];
  page.onStatus(({ status }) => statuses.push(status));
  await page.connect();
  const peer = pythonPeer(theirs, ours, [...mode, "--span", "1"]);
  opened.push(peer);
  return { page, statuses, said: peer.said };
}

test("a peer in Python gets what the page sends, and the page what the peer sends", async () => {
  const { page, statuses } = await met(["echo"]);
  const messages = page[Symbol.asyncIterator]();
  for (const size of SIZES) {
    await page.sendBinary(pattern(size));
    const { value } = await messages.next();
    expect(Buffer.compare(value?.bytes ?? new Uint8Array(), pattern(size)), `${size}`).toBe(0);
  }
  await page.sendText("grüße");
  expect((await messages.next()).value).toMatchObject({ text: "grüße" });
  expect(statuses).toEqual(["CONNECTED", "UDP_WAITING", "UDP_ESTABLISHED"]);
  expect(page.status?.authenticated).toBe(false);
});

test("the page is told that a peer in Python has closed the link", async () => {
  const { page, statuses, said } = await met(["send", "--sizes", SIZES.join()]);
  const echoing = (async () => {
    for await (const { bytes } of page) void page.sendBinary(bytes).catch(() => {});
  })();
  const told = await said;
  expect(told.filter((line) => "size" in line).map(({ same }) => same)).toEqual(
    SIZES.map(() => true),
  );
  await expect.poll(() => statuses.at(-1), { timeout: 8_000 }).toBe("RECONNECTING");
  await page.close();
  await echoing;
});
