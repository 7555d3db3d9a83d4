import type { Channel } from "../../src/core/contracts/transport.ts";
import type { SimulatedNetwork } from "./simulated-network.ts";

/** What TCP has lost comes after so much more, and all that follows after it. */
const REPEATED_MS = 250;
/** The first packet of all is repeated after a second (RFC 6298, section 2). */
const FIRST_REPEATED_MS = 1_000;

/** A WebSocket in the weather of a network: its messages come late, and none is lost. */
export function slowChannel(channel: Channel, network: SimulatedNetwork): Channel {
  let dueMs = 0;
  return {
    boundaries: channel.boundaries,
    remote: channel.remote,
    write(chunks, release) {
      const copies = chunks.map((chunk) => chunk.slice());
      const now = network.clock.now();
      dueMs = Math.max(dueMs, now + lateMs(network, REPEATED_MS));
      network.clock.after(dueMs - now, () => void channel.write(copies));
      release?.();
      return undefined;
    },
    close: (reason) => channel.close(reason),
    [Symbol.asyncIterator]: () => channel[Symbol.asyncIterator](),
  };
}

/** Resolves when a WebSocket would be open: two round trips. */
export async function opening(network: SimulatedNetwork): Promise<void> {
  for (const repeatedMs of [FIRST_REPEATED_MS, FIRST_REPEATED_MS, REPEATED_MS, REPEATED_MS]) {
    await new Promise<void>((resolve) => {
      network.clock.after(lateMs(network, repeatedMs), resolve);
    });
  }
}

function lateMs(network: SimulatedNetwork, repeatedMs: number): number {
  const { delayMs, loss } = network.weather;
  let ms = delayMs;
  while (network.random() < Math.min(loss, 0.9)) ms += repeatedMs;
  return ms;
}
