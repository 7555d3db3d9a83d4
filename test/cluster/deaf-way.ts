import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to a TCP server that can stop bringing answers, and break. */
export interface DeafWay {
  readonly port: number;
  /** From now on nothing comes back; what is sent still arrives. */
  deafen(): void;
  /** Breaks all connections; new ones hear again. */
  cut(): void;
  close(): Promise<void>;
}

/** Opens a way to a port of the loopback. */
export async function deafWay(to: number): Promise<DeafWay> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    pairs.add([near, far]);
    near.pipe(far);
    far.pipe(near);
    for (const socket of [near, far]) {
      socket.on("error", () => {});
      socket.on("close", () => (socket === near ? far : near).destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const cut = (): void => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
    pairs.clear();
  };
  return {
    port,
    deafen() {
      for (const [near, far] of pairs) {
        far.unpipe(near);
        far.resume();
      }
    },
    cut,
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
