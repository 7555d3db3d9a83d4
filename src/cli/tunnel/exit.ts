import { connect, type Socket } from "node:net";
import { SealwireError } from "../../core/model/errors.ts";
import type { NodeServer } from "../../presets/node.ts";
import type { Place } from "./place.ts";

/** Connections at once, of all who have the code. */
const MAX_OPEN = 256;

/** Lets peers reach these ports, named by their number, and nothing else. */
export function serveTunnel(server: NodeServer, targets: readonly Place[]): void {
  let open = 0;
  server.procedure("tunnel.open", {}, async ({ args, input, signal }) => {
    const [index] = args.positional;
    const target = typeof index === "number" ? targets[index] : undefined;
    if (!target) throw new SealwireError("NOT_FOUND", "the tunnel has no such port");
    if (open >= MAX_OPEN) throw new SealwireError("RATE_LIMITED", `${MAX_OPEN} are open already`);
    open++;
    const socket = await connected(target, signal).catch((thrown: unknown) => {
      open--;
      throw thrown;
    });
    socket.once("close", () => {
      open--;
    });
    void pour(input, socket);
    return chunksOf(socket);
  });
}

/** What a socket gives, until its end; leaving the loop before closes it. */
export async function* chunksOf(socket: Socket): AsyncGenerator<Uint8Array, undefined> {
  let ended = false;
  try {
    // At its end the other direction may still have something to say.
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      yield new Uint8Array(chunk);
    }
    ended = true;
  } finally {
    if (!ended) socket.destroy();
  }
  return undefined;
}

/** Writes what comes into a socket, no faster than it takes it. */
export async function pour(chunks: AsyncIterable<unknown>, socket: Socket): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (!(chunk instanceof Uint8Array)) break;
      if (socket.write(chunk)) continue;
      await new Promise<void>((resolve) => {
        socket.once("drain", resolve).once("close", resolve);
      });
    }
    socket.end();
  } catch {
    socket.destroy();
  }
}

function connected({ host, port }: Place, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, signal });
    socket.once("connect", () => resolve(socket));
    socket.on("error", (cause) => {
      const message = `nobody answers at the port behind the tunnel (${cause.message})`;
      reject(new SealwireError("UNAVAILABLE", message));
    });
  });
}
