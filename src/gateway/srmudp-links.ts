import type { Clock } from "../core/contracts/clock.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { LinkOpener } from "./link.ts";

/** Placeholder until transports/srmudp is there. */
export function srmudpLinks(_: { readonly clock: Clock }): LinkOpener {
  return async () => {
    throw new SealwireError("UNSUPPORTED", "not yet");
  };
}
