import { createGateway, type GatewayOptions } from "../../src/gateway/index.ts";
import { type FakeLinks, fakeLinks } from "./fake-links.ts";
import { type RawClient, rawClient } from "./raw-client.ts";

/** A gateway whose links are the test's. */
export interface GatewayWorld extends FakeLinks {
  /** Where it is, with a slash at the end. */
  readonly http: string;
  readonly ws: string;
  /** A client of `/v0/ws/proxy`. */
  connect(query: string, headers?: Readonly<Record<string, string>>): Promise<RawClient>;
}

/** Starts a gateway; what it opens is put where the test closes it. */
export async function gatewayWorld(
  opened: { close(): unknown }[],
  options: GatewayOptions = {},
): Promise<GatewayWorld> {
  const links = fakeLinks();
  const gateway = createGateway({ allowPrivate: true, links: { srmudp: links.open }, ...options });
  opened.push(gateway);
  const http = (await gateway.listen("http://127.0.0.1:0")).href;
  const ws = http.replace(/^http/, "ws");
  const connect: GatewayWorld["connect"] = async (query, headers = {}) => {
    const client = await rawClient(`${ws}v0/ws/proxy?${query}`, { headers });
    opened.push(client);
    return client;
  };
  return Object.assign(links, { http, ws, connect });
}
