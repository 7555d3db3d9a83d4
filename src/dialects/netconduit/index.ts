import type {
  Acceptor,
  Dialect,
  Initiator,
  Security,
  Vocabulary,
} from "../../core/contracts/dialect.ts";
import { ClientSession } from "./client-session.ts";
import { Flow } from "./flow.ts";
import { recognizesMagic } from "./frame.ts";
import { netconduitFraming } from "./framing.ts";
import { acceptLogin, connectLogin } from "./handshake.ts";
import { afterTimer, type HoldPort } from "./hold.ts";
import { type NetconduitOptions, netconduitSettings } from "./options.ts";
import { ServerSession } from "./server-session.ts";

export { type ErrorHelper, type ErrorWrapper, errorResponse } from "./error-response.ts";
export { CONDUIT_CODES } from "./errors.ts";
export { lax } from "./lax.ts";
export type { NetconduitOptions } from "./options.ts";
export {
  type Pagination,
  type ResponseHelper,
  type ResponseWrapper,
  response,
} from "./response.ts";

/**
 * The language of netconduit 5: msgpack in frames with a header of 32 bytes, after a login with the
 * hash of a password. Nothing is encrypted and the server proves nothing; inside TLS it is as good
 * as TLS. Described in `docs/dialects/netconduit.md`.
 *
 * @throws `INVALID_ARGUMENT` for an option outside its bounds
 */
export function netconduit(options: NetconduitOptions = {}): Dialect {
  const settings = netconduitSettings(options);
  return {
    name: "netconduit",
    security: SECURITY,
    vocabulary: VOCABULARY,
    defaults: DEFAULTS,
    recognizes: recognizesMagic,
    framing: netconduitFraming,
    async accept(wire, acceptor) {
      const login = await acceptLogin(wire, acceptor, settings);
      const flow = new Flow(settings, acceptor.maxFrameBytes, portOf(acceptor));
      flow.beQuiet(settings.quietMs);
      return new ServerSession(login, flow);
    },
    async connect(wire, initiator) {
      const about = await connectLogin(wire, initiator, settings);
      const port = portOf(initiator);
      const flow = new Flow(settings, initiator.maxFrameBytes, port);
      return new ClientSession(about, CLIENT_VOCABULARY, flow, port);
    },
  };
}

function portOf(side: Acceptor | Initiator): HoldPort {
  return { flush: () => side.flush(), after: afterTimer };
}

const SECURITY: Security = Object.freeze({
  encrypted: false,
  clientProven: "by-handshake",
  serverProven: false,
  forwardSecret: false,
  replayProtected: false,
});

/** What the original says of itself, as far as it has a meaning here. */
const DEFAULTS: NonNullable<Dialect["defaults"]> = Object.freeze({
  // Ninety seconds from the last sign of life, as the original has it.
  heartbeat: Object.freeze({ intervalMs: 30_000, timeoutMs: 60_000 }),
  callTimeoutMs: 30_000,
  port: 8080,
});

const VOCABULARY: Vocabulary = Object.freeze({
  kinds: new Set(["call", "result", "error", "event", "ping", "pong"] as const),
  callsInFlight: Number.POSITIVE_INFINITY,
  // The original client ignores requests: a call of it ends by its timeout.
  callsBothWays: true,
  answersEvents: true,
  showsErrors: true,
});

/** A client never answers a message. */
const CLIENT_VOCABULARY: Vocabulary = Object.freeze({ ...VOCABULARY, answersEvents: false });
