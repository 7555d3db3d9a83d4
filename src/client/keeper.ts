import type { Session } from "../core/contracts/dialect.ts";
import type { ConnectionState } from "../core/contracts/feature.ts";
import type { Connection } from "../core/engine/connection.ts";
import type { Gate } from "../core/engine/gate.ts";
import type { Link } from "../core/engine/handshake.ts";
import type { Router } from "../core/engine/router.ts";
import type { SealwireError } from "../core/model/errors.ts";
import type { Dialing } from "./dial.ts";

/** What the way back needs of the keeper of a connection. */
export interface Keeper {
  readonly dialing: Dialing;
  readonly owner: KeeperOwner;
  /** The connection, while it can be used. */
  readonly connection: Connection | undefined;
  /** Why nobody comes back. */
  readonly final: SealwireError | undefined;
  /** Connects anew. */
  connect(signal: undefined, at: Dialing): Promise<void>;
  /** Opens another channel for a session. */
  dial(session: Session, at: Dialing): Promise<Link>;
  use(connection: Connection, recovered: boolean): void;
  lost(connection: Connection | undefined, error: SealwireError): void;
  end(error: SealwireError): void;
  /** Where those wait who wait for a channel. */
  gate(): Gate;
  /** Another reason than those of `isFinal` for which nobody comes back. */
  hopeless(error: SealwireError): boolean;
}

/** What the keeper of a connection tells its client. */
export interface KeeperOwner {
  readonly router: Router;
  opened(connection: Connection): void;
  event(name: string, data: unknown): void;
  /** `recovered`, with `open`: the session went on. */
  state(state: ConnectionState, error: SealwireError | undefined, recovered: boolean): void;
  /** Features hear nothing of breaks that the session survives. */
  featureState(state: ConnectionState): void;
}
