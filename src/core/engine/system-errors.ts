import { SealwireError } from "../model/errors.ts";

/** The name of a system error such as `ECONNREFUSED`; `undefined` where something else was thrown. */
export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

/** Why the system could not, in a word where it has one. */
export function systemReason(thrown: unknown): string {
  return systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
}

/** Nothing can be listened at there: the port is taken, forbidden, or not of this machine. */
export function unlistenable(place: string, cause: unknown): SealwireError {
  const code = systemCode(cause);
  if (code === "EADDRINUSE") {
    const message = `${place} is in use already; stop what listens there or choose another port`;
    return new SealwireError("ALREADY_EXISTS", message, { cause });
  }
  if (code === "EACCES") {
    const message = `this user may not listen at ${place}; ports below 1024 need a privilege`;
    return new SealwireError("PERMISSION_DENIED", message, { cause });
  }
  const message = `cannot listen at ${place} (${systemReason(cause)}); is it of this machine?`;
  return new SealwireError("INVALID_ARGUMENT", message, { cause });
}
