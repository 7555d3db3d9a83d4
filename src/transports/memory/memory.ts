import { Inbox } from "../../bytes/inbox.ts";
import type { Channel, Listener, Transport } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type MemoryOptions, memoryPair } from "./channel.ts";

/** Connections that may wait to be taken by a listener; more are refused. */
const MAX_PENDING = 1_024;

/**
 * Connects parts of one process under addresses such as `memory://rooms`. Each instance has
 * addresses of its own: both sides must be given the same one.
 */
export function memory(options: MemoryOptions = {}): Transport {
  const listeners = new Map<string, Inbox<Channel>>();
  let connected = 0;
  return {
    scheme: "memory",
    async connect(address, { signal }) {
      if (signal.aborted) throw SealwireError.from(signal.reason, "CANCELLED");
      const arrivals = listeners.get(nameOf(address));
      if (arrivals === undefined || arrivals.weight >= MAX_PENDING) throw unanswered(address);
      connected += 1;
      const remotes = [`memory:${nameOf(address)}`, `memory:${connected}`] as const;
      const [near, far] = memoryPair(options, remotes);
      arrivals.put(far);
      return near;
    },
    async listen(address) {
      const name = nameOf(address);
      if (listeners.has(name)) throw taken(address);
      const arrivals = new Inbox<Channel>({ maxWaiting: MAX_PENDING });
      listeners.set(name, arrivals);
      return listener(address, arrivals, () => listeners.delete(name));
    },
  };
}

function listener(address: URL, arrivals: Inbox<Channel>, forget: () => void): Listener {
  return {
    address,
    async close() {
      if (arrivals.ended) return;
      forget();
      arrivals.end();
      const reason = new SealwireError("UNAVAILABLE", `${address.href} is not listening any more`);
      for (const channel of arrivals.drain()) void channel.close(reason);
    },
    [Symbol.asyncIterator]: () => arrivals,
  };
}

function nameOf(address: URL): string {
  if (address.protocol === "memory:" && address.host !== "") return address.host;
  throw new SealwireError(
    "INVALID_ARGUMENT",
    `${address.href} is no address in memory; expected memory://name`,
  );
}

function unanswered(address: URL): SealwireError {
  const message = `nobody listens at ${address.href} of this transport, or too many wait there`;
  return new SealwireError("UNAVAILABLE", message);
}

function taken(address: URL): SealwireError {
  const message = `${address.href} is taken already; close that listener or choose another name`;
  return new SealwireError("ALREADY_EXISTS", message);
}
