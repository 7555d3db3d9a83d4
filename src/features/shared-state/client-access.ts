import { SealwireError } from "../../core/model/errors.ts";
import type { Peer, Principal } from "../../core/model/peer.ts";
import { type Declarations, permits } from "./declaration.ts";
import type { Operation } from "./operation.ts";
import type { Variable, Variables, VariableVersion } from "./variables.ts";
import type { WatchItem } from "./watch-item.ts";
import type { Watches, WatchRequest } from "./watches.ts";
import type { Writer } from "./writer.ts";

/** Who asks, and through which connection. */
export interface Reader {
  readonly peer: Peer;
  readonly principal?: Principal | undefined;
}

/** What the answers to clients are made of. */
export interface AccessParts {
  readonly variables: Pick<Variables, "find" | "entries">;
  readonly declarations: Declarations;
  readonly watches: Watches;
  readonly writer: Writer;
}

/** The variables as clients may see and change them. */
export class ClientAccess {
  readonly #parts: AccessParts;

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /** @throws `PERMISSION_DENIED`, `UNAUTHENTICATED` */
  read({ principal }: Reader, name: string): Variable | undefined {
    const found = this.#parts.variables.find(name);
    if (this.#mayRead(principal, name, found)) return found;
    const message = `you may not read the shared variable ${name}`;
    if (principal) throw new SealwireError("PERMISSION_DENIED", message);
    throw new SealwireError("UNAUTHENTICATED", `${message}: connect with credentials`);
  }

  /** All that this one may read. A list: as keys some names would not come through every wire. */
  all({ principal }: Reader): readonly (readonly [name: string, value: unknown])[] {
    return [...this.#parts.variables.entries()]
      .filter(([name, variable]) => this.#mayRead(principal, name, variable))
      .map(([name, { value }]) => [name, value] as const);
  }

  /** @throws as `read` */
  history(reader: Reader, name: string): readonly VariableVersion[] {
    return versionsOf(this.read(reader, name));
  }

  /** @throws as `read`, `RATE_LIMITED` when there are too many */
  watch(
    by: Reader,
    request: Omit<WatchRequest, "by">,
  ): AsyncIterableIterator<WatchItem, undefined> {
    const { wanted } = request;
    if ("key" in wanted) this.read(by, wanted.key);
    return this.#parts.watches.open({ ...request, by });
  }

  /** @throws as `SharedState.set`, and `PERMISSION_DENIED` */
  write(by: Reader, operation: Operation): Promise<Variable | undefined> {
    return this.#parts.writer.write(operation, by);
  }

  /** @throws as `write` */
  remove(by: Reader, operation: Operation): Promise<boolean> {
    return this.#parts.writer.remove(operation, by);
  }

  #mayRead(principal: Principal | undefined, name: string, variable: Variable | undefined) {
    return permits(this.#parts.declarations.find(name)?.read, principal, name, variable);
  }
}

/** The versions that are kept, the oldest first, the present one last. */
export function versionsOf(variable: Variable | undefined): readonly VariableVersion[] {
  if (!variable) return [];
  const { value, version, at, history } = variable;
  return [...history, { value, version, at }];
}
