import type { Clock } from "../core/contracts/clock.ts";
import type { DatagramSocket, Endpoint } from "../core/contracts/datagram-socket.ts";
import { BindingClient } from "../stun/binding-client.ts";

/** How long a router keeps the outside port of a socket that is silent. */
export interface MappingLife {
  /** It was kept so long at least; 0: not even the shortest time. */
  readonly keptSeconds: number;
  /** After so long it was another; `undefined`: longer than was tried. */
  readonly lostSeconds: number | undefined;
}

const TRIED_SECONDS: readonly number[] = [10, 20, 30, 45, 60, 90, 120, 180, 300];

/**
 * Leaves sockets silent, each for another time, and looks whether the router still gives them the
 * port they had. A router that always gives the same port seems to keep it for ever.
 *
 * @throws `UNAVAILABLE` when the server does not answer
 */
export async function measureMappingLife(
  bind: () => Promise<DatagramSocket>,
  server: Endpoint,
  maxSeconds: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<MappingLife> {
  const times = [...TRIED_SECONDS.filter((seconds) => seconds < maxSeconds), maxSeconds];
  const kept = await Promise.all(
    times.map(async (seconds) => {
      const socket = await bind();
      try {
        return await keeps(new BindingClient(socket, clock), server, seconds, { clock, signal });
      } finally {
        await socket.close();
      }
    }),
  );
  const lost = kept.indexOf(false);
  if (lost < 0) return { keptSeconds: maxSeconds, lostSeconds: undefined };
  return { keptSeconds: times[lost - 1] ?? 0, lostSeconds: times[lost] };
}

/** The finding in a sentence, with what follows from it. */
export function mappingLifeWords({ keptSeconds, lostSeconds }: MappingLife): string {
  if (lostSeconds === undefined) {
    return `A silent socket keeps its outside port for ${keptSeconds} seconds or longer.`;
  }
  const kept = keptSeconds === 0 ? "not even" : `between ${keptSeconds} and`;
  const pings =
    lostSeconds > 15 ? "which pings each 15 seconds prevent" : "so set pingIdleMs lower";
  return `A silent socket keeps its outside port ${kept} ${lostSeconds} seconds, ${pings}.`;
}

async function keeps(
  client: BindingClient,
  server: Endpoint,
  seconds: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<boolean> {
  const before = await client.ask(server, { signal });
  await silence(clock, seconds * 1_000, signal);
  const after = await client.ask(server, { signal });
  return before.mapped.port === after.mapped.port && before.mapped.host === after.mapped.host;
}

function silence(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve, true);
    signal.addEventListener("abort", () => {
      cancel();
      resolve();
    });
  });
}
