import { afterEach, describe, expect, it } from "vitest";
import { type GatewayWorld, gatewayWorld } from "../../test/gateway/world.ts";
import type { Logger } from "../core/contracts/logger.ts";
import { createGateway, type GatewayOptions } from "./index.ts";

const opened: { close(): unknown }[] = [];
const TARGET = "remote_host=127.0.0.1&remote_port=9602";

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

function world(options: GatewayOptions = {}): Promise<GatewayWorld> {
  return gatewayWorld(opened, options);
}

describe("without API keys", () => {
  it("listens on loopback alone, unless anyone is welcome", async () => {
    const closed = createGateway();
    await expect(closed.listen("http://0.0.0.0:0")).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
      message: expect.stringMatching(/allowAnyone/),
    });
    const open = createGateway({ allowAnyone: true });
    opened.push(open);
    expect((await open.listen("http://0.0.0.0:0")).port).not.toBe("0");
  });

  it.each(["ftp://x", "nonsense", "http://u:p@127.0.0.1", "https://127.0.0.1:0"])(
    "does not listen at %s",
    async (address) => {
      await expect(createGateway().listen(address)).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    },
  );

  it("says that a port is taken", async () => {
    const { http } = await world();
    await expect(createGateway().listen(http)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  });
});

describe("a client_id", () => {
  it("is taken over by its owner, who lost his network, and by nobody else", async () => {
    const { connect, opened: link } = await world();
    const query = `${TARGET}&client_id=ann&encryption_key=`;
    const first = await connect(`${query}geheim`);
    const peer = await link(0);
    const thief = await connect(`${query}other`);
    expect(await thief.until("ERROR")).toMatchObject({ code: "conflict" });
    const second = await connect(`${query}geheim`);
    expect(await first.until("ERROR")).toMatchObject({ code: "conflict" });
    await link(1);
    expect(peer.closed).toBe(true);
    expect(await second.until("UDP_WAITING")).toBeDefined();
  });
});

describe("the log", () => {
  it("never has a key or an address of a request", async () => {
    const lines: string[] = [];
    const write = (fields: object, message: string) =>
      void lines.push(`${JSON.stringify(fields)} ${message}`);
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    const { connect, opened: link } = await world({ logger });
    const page = await connect(`${TARGET}&encryption_key=geheim&client_id=ann`);
    (await link(0)).end();
    await page.until("UDP_WAITING");
    await connect("remote_host=x&encryption_key=geheim").catch(() => {});
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join("\n")).not.toMatch(/geheim|encryption_key/);
  });
});
