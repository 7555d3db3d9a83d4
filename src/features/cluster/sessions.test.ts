import { afterEach, expect, it, vi } from "vitest";
import { memoryClusterHub } from "../../adapters/memory-cluster/index.ts";
import { equalBytes } from "../../bytes/equal.ts";
import type { Channel, Transport } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { connect, createServer, generateKeys, readKeys, type Server } from "../../presets/node.ts";
import { tcp } from "../../transports/tcp/tcp.ts";
import { websocket } from "../../transports/websocket/websocket.ts";
import { cluster } from "./cluster.ts";

const soon = { timeout: 5_000, interval: 10 };
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Two nodes that clients know by one key, and a client whose channels the test can break. */
async function world() {
  const hub = memoryClusterHub();
  const { secretKey } = await generateKeys();
  const identity = await readKeys(secretKey);
  const servers = new Map<string, Server>();
  for (const nodeId of ["a", "b"]) {
    const server = createServer({
      native: { identity },
      authenticator: { authenticate: async () => ({ id: "ann", scopes: new Set<string>() }) },
    });
    server.install(cluster({ cluster: hub.node(nodeId), intervalMs: 20 }));
    server.procedure("where", () => nodeId);
    server.procedure("count", async function* ({ args, signal }) {
      for (let n = 0; n < Number(args.positional[0]) && !signal.aborted; n++) yield n;
    });
    server.procedure("echo", ({ args }) => args.positional[0]);
    await server.listen("tcp://127.0.0.1:0");
    await server.listen("ws://127.0.0.1:0");
    servers.set(nodeId, server);
    closing.push(() => server.close({ drainMs: 0 }));
  }
  const [a, b] = [servers.get("a"), servers.get("b")];
  if (!a || !b) throw new Error("two were made");
  let target = a.address;
  let latest: Channel | undefined;
  const ways = { "tcp:": tcp(), "ws:": websocket() };
  const transport: Transport = {
    scheme: "tcp",
    async connect(_, options) {
      const { protocol } = target ?? {};
      if (!target || (protocol !== "tcp:" && protocol !== "ws:")) throw new Error("no address");
      latest = await ways[protocol].connect(target, options);
      return latest;
    },
    listen: (address) => ways["tcp:"].listen(address),
  };
  const client = await connect(a.address ?? "", {
    pin: await a.fingerprint(),
    transport,
    reconnect: { baseMs: 5, maxMs: 20 },
  });
  closing.push(() => client.close());
  const states: string[] = [];
  client.onState((state, _, recovered) => states.push(recovered ? "recovered" : state));
  return {
    ...{ hub, a, b, client, states },
    /** The client's way is lost; from now on it reaches another node. */
    move(to: Server, port = 0) {
      target = to.addresses[port];
      void latest?.close(new SealwireError("UNAVAILABLE", "cut by the test"));
    },
  };
}

it("goes on with a session that comes back to another node", async () => {
  const { a, b, client, states, move } = await world();
  const items: unknown[] = [];
  for await (const item of client.stream("count", [20_000])) {
    items.push(item);
    if (items.length % 10_000 === 2_500) move(b);
    if (items.length % 10_000 === 7_500) move(a);
  }
  expect(items).toEqual(Array.from({ length: 20_000 }, (_, n) => n));
  expect(states).toContain("recovered");
  expect(await client.call("where")).toBe("a");
  // Larger than what may be on the way between nodes at once, and by another transport.
  move(b, 1);
  const large = new Uint8Array(3_000_000).fill(7);
  const back = await client.call("echo", [large]);
  expect(back instanceof Uint8Array && equalBytes(back, large)).toBe(true);
  expect(a.connections.size + b.connections.size).toBe(1);
});

it("begins anew where it arrives when the node of the session is gone", async () => {
  const { hub, b, client, states, move } = await world();
  await vi.waitFor(() => expect(b.sessions).toBeDefined(), soon);
  hub.lose("a");
  move(b);
  await vi.waitFor(async () => expect(await client.call("where")).toBe("b"), soon);
  expect(states).not.toContain("recovered");
});
