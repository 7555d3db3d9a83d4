import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { endpointText } from "../../core/engine/endpoint-text.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** The peer has another secret or key. */
export function refused(remote: Endpoint): SealwireError {
  const message =
    `whoever is at ${endpointText(remote)} does not hold the same secret or the pinned key; ` +
    "give both sides the same, and none towards original SRMUDP programs";
  return new SealwireError("UNAUTHENTICATED", message, { details: { reason: "auth_failed" } });
}

/** The peer began anew while a session was running. */
export function replaced(): SealwireError {
  const message =
    "the peer was started anew or has lost the link; what was not acknowledged is lost";
  return new SealwireError("UNAVAILABLE", message);
}

/** A message whose fate nobody knows. */
export function unsent(cause: SealwireError | undefined): SealwireError {
  const message = "the link ended before this was acknowledged; it may have arrived or not";
  return new SealwireError("UNAVAILABLE", message, { cause });
}

/** Nobody greeted in time. */
export function unanswered(remote: Endpoint, timeoutMs: number): SealwireError {
  const message =
    `nothing answers at ${endpointText(remote)} within ${timeoutMs} ms; ` +
    "does the other side run, and send to this side's address?";
  return new SealwireError("UNAVAILABLE", message);
}

/** Nothing was heard for too long. */
export function silent(timeoutMs: number): SealwireError {
  const message = `nothing was heard of the peer for ${timeoutMs} ms; the path is taken for lost`;
  return new SealwireError("UNAVAILABLE", message);
}

/** The peer sends more than is taken. */
export function tooLarge(maxMessageBytes: number): SealwireError {
  const message =
    `the peer sends a message of more than ${maxMessageBytes} bytes; ` +
    "raise maxMessageBytes here or send less";
  return new SealwireError("TOO_LARGE", message);
}

/** The peer closed without waiting for what was on its way. */
export function brokenOff(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the peer broke the link off; connect again to go on");
}
