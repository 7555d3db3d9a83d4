import type { Clock } from "../core/contracts/clock.ts";
import type { DatagramSocket, Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import { BindingClient } from "../stun/binding-client.ts";

/**
 * How a socket looks from outside, asked of one server after the other until one answers.
 *
 * @throws `UNAVAILABLE` when none does.
 */
export async function askStun(
  socket: DatagramSocket,
  servers: readonly Endpoint[],
  clock: Clock,
): Promise<Endpoint> {
  const client = new BindingClient(socket, clock);
  let last: SealwireError | undefined;
  for (const server of servers) {
    try {
      return (await client.ask(server)).mapped;
    } catch (thrown) {
      last = SealwireError.from(thrown, "UNAVAILABLE");
    }
  }
  const why = last ? `: ${last.message}` : "";
  throw new SealwireError("UNAVAILABLE", `no STUN server answered${why}`);
}
