import { createSocket, type Socket } from "node:dgram";

/** A way to a UDP port of this machine on which packets can be damaged. */
export interface DamagingPath {
  /** Where it begins. */
  readonly port: number;
  /** Changes a byte in the next so many large packets from the server. */
  damage(packets: number): void;
  close(): void;
}

/** Small ones are acknowledgements and greetings. */
const LARGE_BYTES = 1_000;
/** Where in a packet, counted from its end: among what is sealed. */
const PLACE = 200;

export async function damagingPath(to: number): Promise<DamagingPath> {
  const front = await bound();
  const backs = new Map<number, Promise<Socket>>();
  let left = 0;
  const backOf = async (port: number): Promise<Socket> => {
    const back = await bound();
    back.on("message", (packet) => {
      if (left > 0 && packet.length > LARGE_BYTES) {
        left -= 1;
        const at = packet.length - PLACE;
        packet[at] = ~(packet[at] ?? 0);
      }
      front.send(packet, port, "127.0.0.1");
    });
    return back;
  };
  front.on("message", async (packet, { port }) => {
    const back = backs.get(port) ?? backOf(port);
    backs.set(port, back);
    (await back).send(packet, to, "127.0.0.1");
  });
  return {
    port: front.address().port,
    damage(packets) {
      left = packets;
    },
    close() {
      front.close();
      for (const back of backs.values()) void back.then((socket) => socket.close());
    },
  };
}

async function bound(): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 4_194_304 });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return socket;
}
