import type { Connection } from "../core/engine/connection.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";

/** Those who came with one key or account, and how to stop listening for its end. */
interface Holders {
  readonly connections: Set<Connection>;
  readonly unlisten: () => void;
}

/**
 * Closes connections when the key or account behind them is withdrawn. One listener for all that
 * came with the same: thousands may.
 */
export class Withdrawals {
  readonly #signals = new Map<Connection, AbortSignal>();
  readonly #holders = new Map<AbortSignal, Holders>();

  /** Watches over the present principal of a connection; over the one before no more. */
  watch(connection: Connection): void {
    this.forget(connection);
    const revoked = connection.principal?.revoked;
    if (!revoked) return;
    if (revoked.aborted) return void connection.close(withdrawn());
    this.#signals.set(connection, revoked);
    this.#holdersOf(revoked).connections.add(connection);
  }

  /** A call has shown who is behind a connection whose wire proves each call. */
  proven(connection: Connection | undefined, principal: Principal): void {
    if (!connection) return;
    connection.principal = principal;
    this.watch(connection);
  }

  /** The connection is over, or has proven something else. */
  forget(connection: Connection): void {
    const signal = this.#signals.get(connection);
    const holders = signal && this.#holders.get(signal);
    if (!signal || !holders) return;
    this.#signals.delete(connection);
    holders.connections.delete(connection);
    if (holders.connections.size > 0) return;
    holders.unlisten();
    this.#holders.delete(signal);
  }

  #holdersOf(signal: AbortSignal): Holders {
    const known = this.#holders.get(signal);
    if (known) return known;
    const connections = new Set<Connection>();
    const end = () => {
      for (const connection of connections) void connection.close(withdrawn());
    };
    signal.addEventListener("abort", end, { once: true });
    const holders = { connections, unlisten: () => signal.removeEventListener("abort", end) };
    this.#holders.set(signal, holders);
    return holders;
  }
}

function withdrawn(): SealwireError {
  return new SealwireError("UNAUTHENTICATED", "the credentials were withdrawn");
}
