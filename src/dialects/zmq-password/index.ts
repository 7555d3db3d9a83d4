import { pythonJson } from "../../codecs/python-json.ts";
import type { Dialect, Initiator, Security, Vocabulary } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { AnsweringSession } from "./answering-session.ts";
import { AskingSession } from "./asking-session.ts";
import { DEFAULT_PORT, type ZmqPasswordOptions, zmqPasswordSettings } from "./options.ts";

export type { ZmqPasswordOptions } from "./options.ts";

/**
 * The password RPC over ZeroMQ of "RPC-System mit ZeroMQ": JSON, a password in each request, answers
 * without ids. It greets with nothing, encrypts nothing, and runs on channels that keep boundaries.
 * Specified in `docs/dialects/zmq-password.md`.
 *
 * @throws `INVALID_ARGUMENT` for an option outside its bounds
 */
export function zmqPassword(options: ZmqPasswordOptions = {}): Dialect {
  const { workers, timeoutMs, answersInOrder, values } = zmqPasswordSettings(options);
  const json = pythonJson(values);
  return {
    name: "zmq-password",
    security: SECURITY,
    vocabulary: answersInOrder ? PIPELINED : VOCABULARY,
    defaults: {
      workers,
      callTimeoutMs: timeoutMs,
      handlerTimeoutMs: timeoutMs,
      port: DEFAULT_PORT,
    },
    accept: async () => new AnsweringSession(json),
    connect: async (_, initiator) => new AskingSession(json, passwordOf(initiator)),
  };
}

const SECURITY: Security = Object.freeze({
  encrypted: false,
  clientProven: "by-each-call",
  serverProven: false,
  forwardSecret: false,
  replayProtected: false,
});

const VOCABULARY: Vocabulary = Object.freeze({
  kinds: new Set(["call", "result", "error"] as const),
  callsInFlight: 1,
  callsBothWays: false,
  showsErrors: true,
  everyCallProven: true,
});

const PIPELINED: Vocabulary = Object.freeze({
  ...VOCABULARY,
  callsInFlight: Number.POSITIVE_INFINITY,
});

function passwordOf({ credentials }: Initiator): string {
  if (credentials.scheme !== "password") {
    const message = `this wire carries a password with each call, not ${credentials.scheme}`;
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `${message}: give credentials { scheme: "password", password }`,
    );
  }
  if (!credentials.user) return credentials.password;
  throw new SealwireError(
    "INVALID_ARGUMENT",
    "this wire has one password for all and no place for a user name: give the password alone",
  );
}
