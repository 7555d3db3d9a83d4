import type { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import type { GatewaySettings } from "./options.ts";
import { withdrawn } from "./refusals.ts";

/** Calls `end` once the key behind a principal counts no more; what is returned forgets that. */
export function whenWithdrawn(
  { revoked, expiresAt }: Principal,
  { clock }: Pick<GatewaySettings, "clock">,
  end: (error: SealwireError) => void,
): () => void {
  const withdraw = () => end(withdrawn());
  if (revoked?.aborted) withdraw();
  revoked?.addEventListener("abort", withdraw);
  const leftMs = expiresAt === undefined ? undefined : expiresAt - clock.now();
  // A timer cannot wait longer than this; keys that live longer than a month outlive connections.
  const cancel =
    leftMs !== undefined && leftMs < 2 ** 31
      ? clock.after(Math.max(0, leftMs), withdraw)
      : () => {};
  return () => {
    revoked?.removeEventListener("abort", withdraw);
    cancel();
  };
}
