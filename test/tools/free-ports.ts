import { bindUdp } from "../../src/transports/udp/datagram-socket.ts";

/** UDP ports of this machine that nobody uses just now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const sockets = await Promise.all(
    Array.from({ length: count }, () => bindUdp({ host: "127.0.0.1", port: 0 })),
  );
  await Promise.all(sockets.map((socket) => socket.close()));
  return sockets.map(({ address }) => address.port);
}
