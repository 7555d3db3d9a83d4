import { systemCode, systemReason } from "../../core/engine/system-errors.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** Nobody answered where we tried to connect. */
export function unreachable(place: string, cause: Error): SealwireError {
  const why = systemReason(cause);
  const message = `nothing answers at ${place} (${why}); is the address right, does it run?`;
  return new SealwireError("UNAVAILABLE", message, { cause });
}

/** Connecting took too long. */
export function tooSlow(place: string, timeoutMs: number): SealwireError {
  const message = `no connection to ${place} within ${timeoutMs} ms; is a firewall in the way?`;
  return new SealwireError("UNAVAILABLE", message);
}

/** An open path broke. */
export function lost(remote: string, cause?: Error): SealwireError {
  // In TLS 1.3 a client learns of it when it holds the handshake for over: RFC 8446 section 4.4.2.
  if (cause && REFUSED_CERTIFICATE.test(systemCode(cause) ?? "")) {
    return handshakeFailed(remote, cause);
  }
  const why = cause === undefined ? "" : ` (${systemReason(cause)})`;
  const message = `the path to ${remote} was lost${why}; connect again to go on`;
  return new SealwireError("UNAVAILABLE", message, { cause });
}

const REFUSED_CERTIFICATE = /^ERR_SSL_.*ALERT_.*(CERTIFICATE|_CA)/;

/** A TLS handshake did not come about: a broken path, or something the other end showed. */
export function handshakeFailed(place: string, cause: Error): SealwireError {
  const code = systemCode(cause);
  // Names of system errors, but neither of Node's own nor OpenSSL's in the form of one.
  if (code !== undefined && /^E(?!RR_|PROTO$)[A-Z]+$/.test(code)) return lost(place, cause);
  const why = code === undefined ? cause.message : `${code}: ${cause.message}`;
  const message = `no TLS with ${place} (${why}); check the certificate, its names and the ca`;
  return new SealwireError("HANDSHAKE_FAILED", message, { cause });
}
