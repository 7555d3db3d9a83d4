import type { Connection } from "../core/engine/connection.ts";
import { SealwireError } from "../core/model/errors.ts";

/** Closes connections when the key or account behind them is withdrawn. */
export class Withdrawals {
  readonly #watched = new Map<Connection, () => void>();

  /** Watches over the present principal of a connection; over the one before no more. */
  watch(connection: Connection): void {
    this.forget(connection);
    const revoked = connection.principal?.revoked;
    if (!revoked) return;
    const end = () => void connection.close(withdrawn());
    if (revoked.aborted) return end();
    revoked.addEventListener("abort", end, { once: true });
    this.#watched.set(connection, () => revoked.removeEventListener("abort", end));
  }

  /** The connection is over. */
  forget(connection: Connection): void {
    this.#watched.get(connection)?.();
    this.#watched.delete(connection);
  }
}

function withdrawn(): SealwireError {
  return new SealwireError("UNAUTHENTICATED", "the credentials were withdrawn");
}
