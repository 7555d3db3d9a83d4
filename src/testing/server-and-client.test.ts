import { expect, test } from "vitest";
import { webCrypto } from "../crypto/providers/web.ts";
import { native } from "../dialects/native/index.ts";
import { serverAndClient } from "./server-and-client.ts";

function dialect() {
  return native({ crypto: webCrypto() });
}

test("gives a server and a client that call each other without a network", async () => {
  await using pair = await serverAndClient({
    dialect: dialect(),
    register: (server) => void server.expose({ add: (a: number, b: number) => a + b }),
  });
  expect(await pair.client.call("add", [2, 3])).toBe(5);
  pair.client.expose({ back: () => "here" });
  const [connection] = pair.server.connections.values();
  expect(await connection?.call("back")).toBe("here");
});

test("takes the client as whom the test says", async () => {
  await using pair = await serverAndClient({
    dialect: dialect(),
    as: { id: 7, scopes: ["write"] },
    register: (server) =>
      void server.procedure("whoami", { scopes: ["write"] }, (call) => call.principal?.id),
  });
  expect(await pair.client.call("whoami")).toBe(7);
});

test("lets the server's own authenticator judge, if there is one", async () => {
  const authenticate = async () => undefined;
  const refused = serverAndClient({
    dialect: dialect(),
    server: { authenticator: { authenticate } },
  });
  await expect(refused).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

test("connects more clients, and closes them all", async () => {
  const pair = await serverAndClient({ dialect: dialect() });
  const other = await pair.connect();
  expect(pair.server.connections.size).toBe(2);
  await pair.close();
  expect([pair.client.state, other.state]).toEqual(["closed", "closed"]);
  expect(pair.server.isRunning).toBe(false);
});
