import {
  type AddressInfo,
  connect as connectSocket,
  createServer as listenForSockets,
  type Socket,
} from "node:net";

/** A way to a port of this machine that can be cut. */
export interface CutPath {
  /** Where it begins. */
  readonly port: number;
  /** Where it leads, from now on. */
  to(port: number): void;
  /** Breaks what is open; whoever comes again gets through. */
  cut(): void;
  /** Breaks what is open, and nobody gets through any more. */
  close(): void;
}

export async function cutPath(): Promise<CutPath> {
  const sockets = new Set<Socket>();
  let target = 0;
  const listener = listenForSockets((near) => {
    const far = connectSocket(target, "127.0.0.1");
    for (const socket of [near, far]) sockets.add(socket.on("error", () => {}));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    port: (listener.address() as AddressInfo).port,
    to: (port) => {
      target = port;
    },
    cut,
    close: () => {
      listener.close();
      cut();
    },
  };
}
