import { SealwireError } from "../../core/model/errors.ts";

/** The number that JetStream gives an error; 0 for others. */
export function codeOfEngine(error: unknown): number {
  const known = error instanceof Error && "code" in error && typeof error.code === "number";
  return known ? Number(error.code) : 0;
}

/** What NATS said, in the words of this project. Its own texts hold no secrets. */
export function engineError(what: string, cause: unknown): SealwireError {
  if (cause instanceof SealwireError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const known = REASONS.find(([pattern]) => pattern.test(text));
  const reason = known ? known[1] : text;
  return new SealwireError("UNAVAILABLE", `${what}: ${reason}`, { cause });
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED|connection refused/i, "nobody listens there; is nats-server running?"],
  [/authorization violation/i, "NATS refuses user, password or token"],
  [/not support 'tls'/i, "NATS there has no TLS, which tls:// insists on"],
  [/jetstream (is )?not enabled/i, "NATS runs without JetStream; start it with -js"],
  [/stream not found/i, "the bucket is gone; start this node again to make a new one"],
  [/insufficient (storage )?resources|no suitable peers/i, "NATS has no room for the bucket"],
  [/maximum bytes exceeded/i, "the bucket is full; make room in it or give it more"],
  [/timeout/i, "NATS did not answer in time"],
];

/** The refusal of everything while the engine is gone. */
export function engineGone(description: string): SealwireError {
  const message = `${description} cannot be reached now; it is tried again and again`;
  return new SealwireError("UNAVAILABLE", message);
}

/** The refusal of everything after the end. */
export function hasClosed(description: string): SealwireError {
  return new SealwireError("UNAVAILABLE", `the connection to ${description} has been closed here`);
}
