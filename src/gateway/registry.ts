import { equalBytes } from "../bytes/equal.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";

/** An open connection as lists show it. */
export interface Listed {
  readonly id: string;
  readonly language: "proxy" | "bridge";
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly principal: Principal;
  /** A digest of what its owner knows, so that only he can take it over; absent: nobody can. */
  readonly owner: Uint8Array | undefined;
  /** The last status in the words of `/v0/ws/proxy`. */
  readonly status: string;
  readonly local: Endpoint | undefined;
  /** Ends it for the sake of another with the same id; resolves when its port is free. */
  giveWay(): Promise<void>;
}

/** The connections that are open, by their ids. */
export class Registry {
  readonly #listed = new Map<string, Listed>();

  /**
   * Adds a connection. One with the same id gives way if it is the same owner's: a client that lost
   * its network comes back before the proxy has noticed.
   *
   * @throws `ALREADY_EXISTS` when the id belongs to somebody else.
   */
  async add(connection: Listed): Promise<void> {
    for (let before = this.#listed.get(connection.id); before; ) {
      if (!sameOwner(before, connection)) throw taken(connection.id);
      await before.giveWay();
      this.remove(before);
      before = this.#listed.get(connection.id);
    }
    this.#listed.set(connection.id, connection);
  }

  remove(connection: Listed): void {
    if (this.#listed.get(connection.id) === connection) this.#listed.delete(connection.id);
  }

  /** What somebody may see: his own, or all of them. */
  list(language: Listed["language"], seenBy: Principal | "everything"): readonly Listed[] {
    return [...this.#listed.values()].filter(
      (each) =>
        each.language === language && (seenBy === "everything" || seenBy.id === each.principal.id),
    );
  }
}

function sameOwner(one: Listed, other: Listed): boolean {
  if (one.owner === undefined || other.owner === undefined) return false;
  return one.principal.id === other.principal.id && equalBytes(one.owner, other.owner);
}

function taken(id: string): SealwireError {
  const message =
    `the connection ${id} is open already, by somebody else; ` +
    "choose another client_id or local_port";
  return new SealwireError("ALREADY_EXISTS", message);
}
