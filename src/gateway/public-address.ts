import type { Clock } from "../core/contracts/clock.ts";
import type { DatagramSocket, Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";

/** Placeholder until src/stun is there. */
export async function askStun(
  _socket: DatagramSocket,
  _servers: readonly Endpoint[],
  _clock: Clock,
): Promise<Endpoint> {
  throw new SealwireError("UNAVAILABLE", "no STUN server answered");
}
