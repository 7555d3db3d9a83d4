import type { Connection } from "../core/engine/connection.ts";
import { SealwireError } from "../core/model/errors.ts";

/** Closes a connection when the key or account behind it is withdrawn; returns how to stop. */
export function watchPrincipal(connection: Connection): () => void {
  const revoked = connection.principal?.revoked;
  if (!revoked) return () => {};
  const end = () => void connection.close(withdrawn());
  if (revoked.aborted) end();
  revoked.addEventListener("abort", end, { once: true });
  return () => revoked.removeEventListener("abort", end);
}

function withdrawn(): SealwireError {
  return new SealwireError("UNAUTHENTICATED", "the credentials were withdrawn");
}
