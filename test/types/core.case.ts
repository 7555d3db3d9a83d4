import type { Authenticator, Dialect, ErrorCode, Message } from "sealwire/core";
import { SealwireError } from "sealwire/core";

export const failure: ErrorCode = new SealwireError("NOT_FOUND", "no such user").code;

// @ts-expect-error The list of codes is closed.
new SealwireError("NO_SUCH_CODE", "never");

// @ts-expect-error A message is one of the kinds, and no other.
export const unknown: Message = { kind: "shout", name: "x" };

// @ts-expect-error An error says why.
export const silent: Message = { kind: "error", id: 1 };

/** A switch over the kinds is complete only if it knows them all. */
export function carriesValue(message: Message): boolean {
  return message.kind === "result" || message.kind === "item";
}

/** Contracts are read, not written. */
export function rename(dialect: Dialect): void {
  // @ts-expect-error
  dialect.name = "other";
}

/** An authenticator may leave evidence to the next. */
export const nobody: Authenticator = { authenticate: async () => undefined };
