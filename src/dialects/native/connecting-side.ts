import type { Dialect, Security, Vocabulary } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { MessageKind } from "../../core/model/message.ts";
import { generateKeyPair, type KeyPair } from "../../crypto/keys.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { connectNative } from "./connect.ts";
import type { FramePool } from "./frame-pool.ts";
import { type NativeOptions, type NativeSurroundings, nativeSettings } from "./options.ts";

/** The native dialect, which can also tell the keys by which its clients know it. */
export interface NativeDialect extends Dialect {
  /** The server's own keys: those given, or those made at the first look. */
  identity(): Promise<KeyPair>;
}

/** What both sides of the dialect work with. */
export interface NativeParts {
  readonly settings: NativeSurroundings;
  /** Absent in pages, where large frames are rare. */
  readonly pool?: FramePool | undefined;
  readonly provider: () => Promise<CryptoProvider>;
  readonly identity: () => Promise<KeyPair>;
}

/** Reads the options once for both sides. @throws `INVALID_ARGUMENT` outside their bounds */
export function nativeParts(options: NativeOptions, pool?: FramePool): NativeParts {
  const settings = nativeSettings(options);
  const provider = once(async () =>
    typeof options.crypto === "function" ? options.crypto() : options.crypto,
  );
  const identity = once(async () => options.identity ?? generateKeyPair(await provider()));
  return { settings, provider, identity, pool };
}

/**
 * The half of the native dialect that connects, on channels that keep boundaries: all that a page
 * can use, and half of what it would have to load.
 */
export function connectingSide(parts: NativeParts): NativeDialect {
  const { settings, pool, provider, identity } = parts;
  return {
    name: "native",
    security: SECURITY,
    vocabulary: VOCABULARY,
    identity,
    accept: async () => {
      throw new SealwireError("UNSUPPORTED", "this half of the native dialect only connects");
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
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    made.catch(() => {
      made = undefined;
    });
    return made;
  };
}
