import type { Dialect } from "../core/contracts/dialect.ts";
import type { Logger } from "../core/contracts/logger.ts";
import type { Channel, Transport } from "../core/contracts/transport.ts";
import { isLoopback } from "../core/engine/loopback.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Speakers } from "./accept-loop.ts";
import type { ServerConfig } from "./options.ts";

/**
 * Refuses a dialect that encrypts nothing on a channel that encrypts nothing, beyond loopback.
 *
 * @throws `PERMISSION_DENIED` with what to write to have it all the same
 */
export function checkPlaintext(
  config: ServerConfig,
  dialect: Dialect,
  listensOn: string,
  channel: Channel,
): void {
  if (channel.protection || mayBePlain(config, dialect, listensOn)) return;
  throw refused(dialect, listensOn);
}

/**
 * Refuses to listen where nothing could ever encrypt what such a dialect says: no layer lies between
 * and the transport does not do it.
 *
 * @throws `PERMISSION_DENIED` as `checkPlaintext`
 */
export function checkPlaintextPort(
  config: ServerConfig,
  transport: Transport,
  { dialects, layers }: Speakers,
  host: string,
): void {
  if (transport.protects || layers.length > 0) return;
  const plain = dialects.find((dialect) => !mayBePlain(config, dialect, host));
  if (plain) throw refused(plain, host);
}

function mayBePlain({ plaintext }: ServerConfig, { security }: Dialect, host: string): boolean {
  // A transport inside this process has no host.
  const near = host === "" || isLoopback(host);
  return security.encrypted || near || plaintext === "allow";
}

function refused({ name }: Dialect, listensOn: string): SealwireError {
  return new SealwireError(
    "PERMISSION_DENIED",
    `the dialect ${name} is not encrypted, so it is spoken on loopback or inside TLS only; ` +
      `the option plaintext: "allow" permits it on ${listensOn}`,
  );
}

/** Says at the start what a dialect does not protect, for those who chose it long ago. */
export function tellWeakness(logger: Logger, { name, security }: Dialect, address: string): void {
  const { encrypted, serverProven, forwardSecret, replayProtected } = security;
  const claims = { encrypted, serverProven, forwardSecret, replayProtected };
  const missing = Object.entries(claims).flatMap(([claim, holds]) => (holds ? [] : [claim]));
  if (missing.length === 0) return;
  logger.warn({ dialect: name, address, not: missing }, `${name} is not ${missing.join(", not ")}`);
}
