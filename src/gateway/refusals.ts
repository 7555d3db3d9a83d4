import { SealwireError } from "../core/model/errors.ts";

/** What clients are told of single frames and of the end of their connection. */

/** A message beyond the limit, from either side. */
export function tooLarge(bytes: number, most: number): SealwireError {
  const message = `a message of ${bytes} bytes was dropped; this proxy carries at most ${most}`;
  return new SealwireError("TOO_LARGE", message);
}

/** More waits for a peer that is not there than the proxy keeps. */
export function tooMuch(most: number): SealwireError {
  const message = `more than ${most} bytes wait for the peer; this was dropped, send it later`;
  return new SealwireError("RATE_LIMITED", message);
}

/** A message of which nobody knows that it arrived. */
export function undelivered(cause: SealwireError): SealwireError {
  const message = `the message may not have arrived: ${cause.message}`;
  return new SealwireError(cause.code, message, { cause });
}

/** A peer that is there and takes nothing. */
export function stall(timeoutMs: number): SealwireError {
  return new SealwireError("UNAVAILABLE", `the peer has taken nothing for ${timeoutMs} ms`);
}

/** A second request while the first is under way. */
export function busy(): SealwireError {
  return new SealwireError("RATE_LIMITED", "the address is being asked for already; wait for it");
}

/** A proof that is not the first frame. */
export function tooLate(): SealwireError {
  const message =
    "auth is taken as the first frame, where the address had no key; it had, or is over";
  return new SealwireError("INVALID_ARGUMENT", message);
}

/** Another connection of the same client has come. */
export function takenOver(): SealwireError {
  return new SealwireError("CONFLICT", "a newer connection with this client_id took over");
}

/** The proxy ends. */
export function closing(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the proxy is shutting down; connect again later");
}

/** The user's key counts no more. */
export function withdrawn(): SealwireError {
  return new SealwireError("UNAUTHENTICATED", "the API key has expired or was withdrawn");
}
