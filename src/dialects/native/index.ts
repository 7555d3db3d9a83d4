import type { Dialect, Security, Vocabulary } from "../../core/contracts/dialect.ts";
import type { MessageKind } from "../../core/model/message.ts";
import { generateKeyPair, type KeyPair } from "../../crypto/keys.ts";
import { acceptNative } from "./accept.ts";
import { connectNative } from "./connect.ts";
import { nativeFraming } from "./framing.ts";
import { NATIVE_DEFAULTS, type NativeOptions, type NativeSettings } from "./options.ts";
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
 */
export function native(options: NativeOptions): NativeDialect {
  const settings: NativeSettings = { ...NATIVE_DEFAULTS, ...given(options) };
  const provider = once(async () =>
    typeof options.crypto === "function" ? options.crypto() : options.crypto,
  );
  const identity = once(async () => options.identity ?? generateKeyPair(await provider()));
  return {
    name: "native",
    security: SECURITY,
    vocabulary: VOCABULARY,
    recognizes: recognizesPreface,
    framing: nativeFraming,
    identity,
    accept: async (wire, acceptor) => {
      const parts = { provider: await provider(), settings, identity: await identity() };
      return acceptNative(wire, acceptor, parts);
    },
    connect: async (wire, initiator) =>
      connectNative(wire, initiator, { provider: await provider(), settings }),
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

/** Options that were named but left `undefined` must not hide a default. */
function given(options: NativeOptions): Partial<NativeSettings> {
  const { crypto: _crypto, identity: _identity, ...rest } = options;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
