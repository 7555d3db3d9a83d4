import type { Clock } from "../core/contracts/clock.ts";
import type { Route } from "../core/engine/router.ts";
import type { Failure } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";

/** Why this principal may not call this; `undefined` if it may. */
export type Access = (route: Route, principal: Principal | undefined) => Failure | undefined;

/** Who may call what: closed unless public, then only the proven, then only with all scopes. */
export function accessTo(clock: Clock): Access {
  return (route: Route, principal: Principal | undefined): Failure | undefined => {
    const { options, name } = route;
    if (options.public) return undefined;
    if (!principal) return unproven(name);
    if (isExpired(principal, clock)) return expired();
    for (const scope of options.scopes ?? NO_SCOPES) {
      if (!principal.scopes.has(scope)) return outOfScope(name, scope);
    }
    return undefined;
  };
}

/** Whether somebody has to prove anew who it is. */
export function isExpired({ expiresAt }: Principal, clock: Clock): boolean {
  return expiresAt !== undefined && expiresAt <= clock.now();
}

const NO_SCOPES: readonly string[] = Object.freeze([]);

function unproven(name: string): Failure {
  const message = `${name} is not public: connect with credentials to call it`;
  return { code: "UNAUTHENTICATED", message };
}

function expired(): Failure {
  return {
    code: "UNAUTHENTICATED",
    message: "the credentials have expired: prove anew who you are",
  };
}

function outOfScope(name: string, scope: string): Failure {
  return { code: "PERMISSION_DENIED", message: `${name} needs the scope ${scope}` };
}
