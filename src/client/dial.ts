import type { Dialect, Session } from "../core/contracts/dialect.ts";
import type { Transport } from "../core/contracts/transport.ts";
import { connectHandshake, type Link } from "../core/engine/handshake.ts";
import { SealwireError } from "../core/model/errors.ts";
import {
  type ClientConfig,
  type ClientOptions,
  type ClientSurroundings,
  clientConfig,
} from "./options.ts";
import { trustFor } from "./trust.ts";

/** Everything that one try to connect needs. */
export interface Dialing {
  readonly address: URL;
  readonly transport: Transport;
  readonly dialect: Dialect;
  readonly config: ClientConfig;
  readonly surroundings: ClientSurroundings;
}

/** @throws `INVALID_ARGUMENT` for a scheme nobody knows. */
export function dialingFor(
  address: URL,
  options: ClientOptions,
  surroundings: ClientSurroundings,
): Dialing {
  const scheme = surroundings.schemes[address.protocol.slice(0, -1)];
  const transport = options.transport ?? scheme?.transport;
  const dialect = options.dialect ?? scheme?.dialect;
  if (transport && dialect) {
    const config = clientConfig(options, dialect.defaults);
    return { address, transport, dialect, config, surroundings };
  }
  const known = Object.keys(surroundings.schemes).join(", ");
  const message = `nobody knows the scheme of ${address.protocol}//…; there are ${known}`;
  throw new SealwireError("INVALID_ARGUMENT", message);
}

/**
 * Connects and greets once, for a new session or for one that we have; all in all within the time
 * that connecting may take.
 */
export async function dial(
  { address, transport, dialect, config, surroundings }: Dialing,
  signals: readonly AbortSignal[],
  flush: () => void,
  session?: Session,
): Promise<Link> {
  const { clock } = surroundings.platform;
  const { connectTimeoutMs, serverKeys, knownServers, credentials, serverName } = config;
  const ended = new AbortController();
  const stop = (event: Pick<Event, "target">) => ended.abort(reasonOf(event.target));
  for (const signal of signals) {
    if (signal.aborted) stop({ target: signal });
    signal.addEventListener("abort", stop, { once: true });
  }
  const cancel = clock.after(connectTimeoutMs, () =>
    ended.abort(tooLate(address, connectTimeoutMs)),
  );
  try {
    const trust = await trustFor(address, serverKeys, knownServers);
    ended.signal.throwIfAborted();
    const channel = await transport.connect(address, { signal: ended.signal });
    const { limits, about } = config;
    const greeting = { channel, dialect, limits, clock, signal: ended.signal };
    const { maxFrameBytes } = limits;
    const resume = config.resume && { ...config.resume, session };
    return await connectHandshake(greeting, {
      ...{ about, maxFrameBytes, credentials, serverName, flush },
      ...(resume && { resume }),
      ...trust,
    });
  } finally {
    cancel();
    for (const signal of signals) signal.removeEventListener("abort", stop);
  }
}

function reasonOf(target: unknown): SealwireError {
  const reason: unknown = target instanceof AbortSignal ? target.reason : undefined;
  return SealwireError.from(reason, "CANCELLED");
}

function tooLate(address: URL, timeoutMs: number): SealwireError {
  const message = `${address.host} did not answer within ${timeoutMs} ms`;
  return new SealwireError("UNAVAILABLE", message);
}
