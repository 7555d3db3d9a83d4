import { createServer, type Socket } from "node:net";
import type { Client } from "../../client/client.ts";
import { misused } from "../failures.ts";
import { chunksOf, pour } from "./exit.ts";
import type { Place } from "./place.ts";

/** A port whose connections come out at the other side. */
export interface OpenTunnel {
  /** Where it is, as `host:port`. */
  readonly at: string;
  close(): Promise<void>;
}

const MAX_OPEN = 256;

/** Opens a port here; `target` is the number of the one behind the tunnel. */
export async function enterTunnel(
  client: Client,
  { host, port }: Place,
  target: number,
): Promise<OpenTunnel> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
    void carry(client, socket, target);
  });
  server.maxConnections = MAX_OPEN;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(misused(`cannot listen there: ${cause.message}`)));
    server.listen({ host, port }, resolve);
  });
  const address = server.address();
  const bound = typeof address === "object" && address ? address.port : port;
  return {
    at: `${host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function carry(client: Client, socket: Socket, target: number): Promise<void> {
  const options = { input: chunksOf(socket), timeoutMs: Number.POSITIVE_INFINITY };
  try {
    await pour(client.stream("tunnel.open", [target], options), socket);
  } catch {
    socket.destroy();
  }
}
