import { afterEach, expect, it } from "vitest";
import { passwords } from "../../src/auth/passwords.ts";
import { connectPool, createServer } from "../../src/presets/node.ts";

const authenticator = passwords("secret of the pool");
const credentials = { scheme: "password", password: "secret of the pool" } as const;
const opened: { close(options: { drainMs: number }): Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close({ drainMs: 0 });
});

/** A server whose calls of `wait` end when so many of them run. */
async function serverOf(scheme: string, name: string, together = 1): Promise<string> {
  const server = createServer({ authenticator });
  opened.push(server);
  let arrived = 0;
  let letGo = () => {};
  const all = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  server.expose({
    where: () => name,
    async wait() {
      arrived += 1;
      if (arrived === together) letGo();
      await all;
      return name;
    },
  });
  const { address } = await server.listen(`${scheme}://127.0.0.1:0`);
  return address.href;
}

it("several connections to a server carry calls side by side on a wire without ids", async () => {
  const url = await serverOf("zmq-password", "a", 4);
  const pool = await connectPool([url], { credentials, connections: 4 });
  opened.push(pool);
  await expect.poll(() => pool.members.every(({ state }) => state === "open")).toBe(true);

  expect(pool.members).toHaveLength(4);
  const calls = Array.from({ length: 4 }, () => pool.call("wait", [], { timeoutMs: 4_000 }));
  expect(await Promise.all(calls)).toEqual(["a", "a", "a", "a"]);
});

it("the members may speak different wires", async () => {
  const urls = [await serverOf("netconduit", "a"), await serverOf("trust-rpc", "b")];
  const pool = await connectPool(urls, { credentials });
  opened.push(pool);
  await expect.poll(() => pool.members.every(({ state }) => state === "open")).toBe(true);

  const answers = [await pool.call("where"), await pool.call("where")];
  expect(answers.sort()).toEqual(["a", "b"]);
});

it("what cannot be an address or a number of connections is refused before anything opens", async () => {
  await expect(connectPool(["nowhere"], { credentials })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  const url = "netconduit://127.0.0.1:9";
  await expect(connectPool([url], { credentials, connections: 0 })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});
