import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import { endpointText } from "../../core/engine/endpoint-text.ts";
import { systemCode, systemReason } from "../../core/engine/system-errors.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** Nobody answered an opening. */
export function unanswered(remote: Endpoint, timeoutMs: number): SealwireError {
  return new SealwireError(
    "UNAVAILABLE",
    `nothing answers at ${endpointText(remote)} within ${timeoutMs} ms; ` +
      "does it listen for udp://, and does a firewall let UDP pass?",
  );
}

/** The other side has reached a limit. */
export function refused(remote: Endpoint): SealwireError {
  const message = `${endpointText(remote)} takes no more channels at present; try again later`;
  return new SealwireError("UNAVAILABLE", message);
}

/** An open path broke. */
export function lost(remote: string, why?: string, cause?: Error): SealwireError {
  const reason = why === undefined ? "" : ` (${why})`;
  const message = `the path to ${remote} was lost${reason}; connect again to go on`;
  return new SealwireError("UNAVAILABLE", message, { cause });
}

/** What a peer sent is no stream of ours. */
export function brokenStream(what: string): SealwireError {
  const message = `${what} in a stream over UDP; the other end is no sealwire of this version`;
  return new SealwireError("PROTOCOL_VIOLATION", message);
}

/** Binding did not come about. */
export function unbindable(place: Endpoint, cause: unknown): SealwireError {
  const code = systemCode(cause);
  const shown = endpointText(place);
  if (code === "EADDRINUSE") {
    const message = `${shown} is in use already; stop what is bound there or choose another port`;
    return new SealwireError("ALREADY_EXISTS", message, { cause });
  }
  if (code === "EACCES") {
    const message = `this user may not bind ${shown}; ports below 1024 need a privilege`;
    return new SealwireError("PERMISSION_DENIED", message, { cause });
  }
  const message = `cannot bind UDP at ${shown} (${systemReason(cause)}); is it an address of this machine?`;
  return new SealwireError("INVALID_ARGUMENT", message, { cause });
}
