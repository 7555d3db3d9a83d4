import { Inbox } from "../../bytes/inbox.ts";
import type { Layer } from "../../core/contracts/layer.ts";
import type { Channel, Listener } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { lost } from "./failures.ts";
import type { TcpLimits } from "./options.ts";

/**
 * A listener whose channels have passed a layer. Peers pass it side by side, `maxPending` at once;
 * those who fail are dropped.
 */
export function layered(outer: Listener, layer: Layer, limits: TcpLimits): Listener {
  const arrivals = new Inbox<Channel>({ maxWaiting: limits.maxPending });
  void admitAll(outer, layer, arrivals, limits.maxPending);
  return {
    address: outer.address,
    async close() {
      arrivals.end();
      for (const channel of arrivals.drain()) void channel.close(lost(channel.remote));
      await outer.close();
    },
    [Symbol.asyncIterator]: () => arrivals,
  };
}

async function admitAll(
  outer: Listener,
  layer: Layer,
  arrivals: Inbox<Channel>,
  maxPending: number,
): Promise<void> {
  let passing = 0;
  for await (const channel of outer) {
    if (passing + arrivals.weight >= maxPending) {
      void channel.close(new SealwireError("UNAVAILABLE", "too many wait to be let in"));
      continue;
    }
    passing += 1;
    void admit(channel, layer, arrivals).finally(() => {
      passing -= 1;
    });
  }
}

async function admit(channel: Channel, layer: Layer, arrivals: Inbox<Channel>): Promise<void> {
  try {
    const inner = await layer.accept(channel, new Uint8Array(0));
    if (inner === undefined) return;
    if (arrivals.ended) await inner.close(lost(inner.remote));
    else arrivals.put(inner);
  } catch (error) {
    // A stranger's failed greeting is no failure of this server; its channel must not stay.
    await channel.close(SealwireError.from(error));
  }
}
