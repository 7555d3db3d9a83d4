import type {
  Acceptor,
  Dialect,
  Security,
  Session,
  Vocabulary,
} from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { RawSession } from "./session.ts";

/** How frames without a language are shown. */
export interface RawOptions {
  /**
   * The name of the event that every frame is.
   *
   * @default "message"
   */
  readonly event?: string;
  /**
   * Whether frames that are UTF-8 arrive as text, the others as bytes. Otherwise all arrive as
   * bytes. Both can be sent either way.
   *
   * @default false
   */
  readonly text?: boolean;
}

/**
 * No language at all: each frame is one event, there are no calls. For peers that only send each
 * other messages, such as those of the Python library SRMUDP. It greets with nothing, protects
 * nothing by itself and runs on channels that keep boundaries. See `docs/dialects/raw.md`.
 *
 * @throws `INVALID_ARGUMENT` when the event has no name
 */
export function raw(options: RawOptions = {}): Dialect {
  const { event = "message", text = false } = options;
  if (typeof event !== "string" || event === "") {
    throw new SealwireError("INVALID_ARGUMENT", "event is empty; give the events a name");
  }
  return {
    name: "raw",
    security: SECURITY,
    vocabulary: VOCABULARY,
    accept: (_, acceptor) => accepted(acceptor, event, text),
    connect: async () => new RawSession({ event, text }),
  };
}

const SECURITY: Security = Object.freeze({
  encrypted: false,
  clientProven: "never",
  serverProven: false,
  forwardSecret: false,
  replayProtected: false,
});

const VOCABULARY: Vocabulary = Object.freeze({
  kinds: new Set(["event"] as const),
  callsInFlight: 1,
  callsBothWays: false,
});

/** Nothing on this wire proves anything, so a server must be willing to let strangers in. */
async function accepted(acceptor: Acceptor, event: string, text: boolean): Promise<Session> {
  const principal = await acceptor.authenticate({ scheme: "anonymous" });
  return new RawSession({ event, text, principal });
}
