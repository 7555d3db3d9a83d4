import type { Dialect, Security, Vocabulary } from "../../core/contracts/dialect.ts";
import type { MessageKind } from "../../core/model/message.ts";
import { generateKeyPair, type KeyPair } from "../../crypto/keys.ts";
import { createPakeSetup, falseRecord } from "../../crypto/pake.ts";
import { acceptNative } from "./accept.ts";
import { connectNative } from "./connect.ts";
import { FramePool } from "./frame-pool.ts";
import { nativeFraming } from "./framing.ts";
import { type NativeOptions, nativeSettings } from "./options.ts";
import { recognizesPreface } from "./preface.ts";

export type { NativeOptions } from "./options.ts";

/** The native dialect, which can also tell the keys by which its clients know it. */
export interface NativeDialect extends Dialect {
  /** The server's own keys: those given, or those made at the first look. */
  identity(): Promise<KeyPair>;
}

/**
 * Sealwire's own language: Noise for the greeting, msgpack batches in sealed records, everything
 * that the model can say. Specified in `docs/dialects/native.md`.
 *
 * @throws `INVALID_ARGUMENT` for an option outside its bounds
 */
export function native(options: NativeOptions): NativeDialect {
  const settings = nativeSettings(options);
  const provider = once(async () =>
    typeof options.crypto === "function" ? options.crypto() : options.crypto,
  );
  const identity = once(async () => options.identity ?? generateKeyPair(await provider()));
  const pool = new FramePool();
  const setup = once(createPakeSetup);
  const falseRecordOf = async (user: string) => falseRecord(user, await setup());
  return {
    name: "native",
    security: SECURITY,
    vocabulary: VOCABULARY,
    recognizes: recognizesPreface,
    framing: nativeFraming,
    identity,
    accept: async (wire, acceptor) => {
      const keys = { provider: await provider(), identity: await identity() };
      return acceptNative(wire, acceptor, { ...keys, settings, pool, falseRecordOf });
    },
    connect: async (wire, initiator) =>
      connectNative(wire, initiator, { provider: await provider(), settings, pool }),
  };
}

const SECURITY: Security = Object.freeze({
  encrypted: true,
  clientProven: "by-handshake",
  serverProven: true,
  forwardSecret: true,
  replayProtected: true,
});

const KINDS: ReadonlySet<MessageKind> = new Set([
  "call",
  "result",
  "error",
  "cancel",
  "item",
  "end",
  "credit",
  "event",
  "ping",
  "pong",
  "pause",
  "resume",
  "goodbye",
]);

const VOCABULARY: Vocabulary = Object.freeze({
  kinds: KINDS,
  callsInFlight: Number.POSITIVE_INFINITY,
  callsBothWays: true,
  subscriptions: true,
});

/** A failure is not kept: what did not load may load later. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    made.catch(() => {
      made = undefined;
    });
    return made;
  };
}
