import { once } from "node:events";
import { request } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createServer, type NodeServer } from "./node.ts";

const SCHEMES = ["ws", "nacl-box+ws"];
const OURS = "https://app.example.org";

let server: NodeServer;
let ports: readonly string[] = [];
beforeAll(async () => {
  server = createServer({ allowedOrigins: [OURS] });
  const opened = SCHEMES.map((scheme) => server.listen(`${scheme}://127.0.0.1:0`));
  ports = (await Promise.all(opened)).map(({ address }) => address.port);
});
afterAll(() => server.close({ drainMs: 0 }));

/** How the server answers a page of this origin that wants a WebSocket. */
async function statusFor(port: string | undefined, origin: string): Promise<number | undefined> {
  const asked = request(`http://127.0.0.1:${port}/`, {
    headers: {
      Origin: origin,
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": Buffer.alloc(16).toString("base64"),
    },
  });
  asked.end();
  const answered = once(asked, "response").then(([response]) => response);
  const upgraded = once(asked, "upgrade").then(([response]) => response);
  const { statusCode } = await Promise.race([answered, upgraded]);
  asked.destroy();
  return statusCode;
}

it.each(SCHEMES.map((scheme, at) => [scheme, at] as const))(
  "%s takes pages of the allowed origins and no others",
  async (_scheme, at) => {
    expect(await statusFor(ports[at], OURS)).toBe(101);
    expect(await statusFor(ports[at], "https://other.example")).toBe(403);
  },
);
