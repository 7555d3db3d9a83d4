import { SealwireError } from "../../core/model/errors.ts";

/** Nobody answered where we tried to connect. */
export function unreachable(place: string, cause: Error): SealwireError {
  const why = systemCode(cause) ?? cause.message;
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
  const why = cause === undefined ? "" : ` (${systemCode(cause) ?? cause.message})`;
  const message = `the path to ${remote} was lost${why}; connect again to go on`;
  return new SealwireError("UNAVAILABLE", message, { cause });
}

const REFUSED_CERTIFICATE = /^ERR_SSL_.*ALERT_.*(CERTIFICATE|_CA)/;

/** Listening did not come about. */
export function unlistenable(place: string, cause: Error): SealwireError {
  const code = systemCode(cause);
  if (code === "EADDRINUSE") {
    const message = `${place} is in use already; stop what listens there or choose another port`;
    return new SealwireError("ALREADY_EXISTS", message, { cause });
  }
  if (code === "EACCES") {
    const message = `this user may not listen at ${place}; ports below 1024 need a privilege`;
    return new SealwireError("PERMISSION_DENIED", message, { cause });
  }
  const message = `cannot listen at ${place} (${code ?? cause.message}); is it of this machine?`;
  return new SealwireError("INVALID_ARGUMENT", message, { cause });
}

/** The name of a system error such as `ECONNREFUSED`, also of several tries at once. */
export function systemCode(error: Error): string | undefined {
  if ("code" in error && typeof error.code === "string") return error.code;
  return undefined;
}

/** A TLS handshake did not come about: a broken path, or something the other end showed. */
export function handshakeFailed(place: string, cause: Error): SealwireError {
  const code = systemCode(cause);
  // Names of system errors, but neither of Node's own nor OpenSSL's in the form of one.
  if (code !== undefined && /^E(?!RR_|PROTO$)[A-Z]+$/.test(code)) return lost(place, cause);
  const why = code === undefined ? cause.message : `${code}: ${cause.message}`;
  const message = `no TLS with ${place} (${why}); check the certificate, its names and the ca`;
  return new SealwireError("HANDSHAKE_FAILED", message, { cause });
}
