import { afterEach, expect, it, vi } from "vitest";
import { breakableTcp } from "../../../test/breakable-tcp.ts";
import { connect, createServer, type NodeServer } from "../../presets/node.ts";
import { broker } from "./broker.ts";
import { type BrokerWorker, brokerWorker } from "./broker-worker.ts";

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const everybody = { authenticate: async () => ({ id: "w", scopes: new Set(["worker"]) }) };

/** A worker whose channel the test can cut; it may not come back. */
async function worker(server: NodeServer, register: (worker: BrokerWorker) => void) {
  const { transport, cut } = breakableTcp();
  const client = await connect(server.address ?? "", {
    pin: await server.fingerprint(),
    transport,
  });
  closing.push(() => client.close());
  const serving = brokerWorker(client);
  register(serving);
  await serving.offer();
  return cut;
}

it("gives the calls of a worker that lost its channel to another, without waiting for its session", async () => {
  const server = createServer({ authenticator: everybody, resume: { windowMs: 600_000 } });
  closing.push(() => server.close({ drainMs: 0 }));
  const installed = server.install(broker());
  await server.listen("tcp://127.0.0.1:0");
  let begun = false;
  const never = (): Promise<never> => {
    begun = true;
    return new Promise(() => {});
  };
  const cut = await worker(server, (serving) =>
    serving.procedure("task", { idempotent: true }, never),
  );
  const caller = await connect(server.address ?? "", { pin: await server.fingerprint() });
  closing.push(() => caller.close());
  const answer = caller.call("task");
  await vi.waitFor(() => expect(begun).toBe(true), { interval: 5 });
  await worker(server, (serving) =>
    serving.procedure("task", { idempotent: true }, () => "by another"),
  );
  cut();
  expect(await answer).toBe("by another");
  expect(installed.workers).toHaveLength(1);
});
