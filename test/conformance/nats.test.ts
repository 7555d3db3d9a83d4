import { afterAll, beforeAll, describe } from "vitest";
import { natsCluster, natsStore } from "../../src/adapters/nats/index.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { clusterSuite, storeSuite } from "../../src/testing/index.ts";
import { type NatsServer, natsServer, natsServerThere } from "../tools/nats-server.ts";

const clusterKey = randomBytes(32);

describe.skipIf(!natsServerThere())("over nats-server", () => {
  let server: NatsServer;
  let made = 0;
  beforeAll(async () => {
    server = await natsServer();
  });
  afterAll(() => server.remove());

  clusterSuite("NATS", () => {
    made += 1;
    const name = `suite-${made}`;
    return {
      node: (nodeId) => natsCluster({ servers: server.url, clusterKey, name, nodeId }),
      lose: () => server.stop(),
      restore: () => server.start(),
    };
  });

  storeSuite("NATS", async () => {
    made += 1;
    const name = `suite-${made}`;
    const reopen = () => natsStore({ servers: server.url, clusterKey, name, maxBytes: 50_000_000 });
    return { store: await reopen(), reopen };
  });
});
