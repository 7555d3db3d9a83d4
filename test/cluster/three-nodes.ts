import { fileURLToPath } from "node:url";
import { Place, type Serving } from "../cli/program.ts";
import { type NatsServer, natsServer } from "../tools/nats-server.ts";

const SERVED = fileURLToPath(new URL("./served-by-nodes.ts", import.meta.url));

/** Three servers in processes of their own, one over a nats-server. */
export interface ThreeNodes {
  readonly nats: NatsServer;
  readonly nodes: readonly Serving[];
  close(): Promise<void>;
}

/** Starts them; whoever shows the token `token-ann` is let in. */
export async function threeNodes(): Promise<ThreeNodes> {
  const place = new Place();
  const nats = await natsServer();
  await place.run(["keygen", "--secret", "--out", place.path("cluster.key")]);
  await place.run(["keygen", "--out", place.path("server.key")]);
  const start = async (nodeId: string): Promise<Serving> => {
    const running = place.start([
      ...["serve", SERVED, "--listen", "tcp://127.0.0.1:0", "--token", "ann:token-ann"],
      ...["--identity", place.path("server.key"), "--cluster", nats.url, "--node-id", nodeId],
      ...["--cluster-key-file", place.path("cluster.key"), "--log-level", "warn"],
    ]);
    const url = (await running.line("listening tcp:")).slice("listening ".length);
    const fingerprint = (await running.line("fingerprint ")).slice("fingerprint ".length);
    return { ...running, url, fingerprint };
  };
  const nodes: Serving[] = [];
  try {
    nodes.push(...(await Promise.all(["a", "b", "c"].map(start))));
  } catch (thrown) {
    await place.close();
    await nats.remove();
    throw thrown;
  }
  return {
    nats,
    nodes,
    async close() {
      await place.close();
      await nats.remove();
    },
  };
}
