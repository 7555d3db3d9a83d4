import { encodeBase64 } from "../../bytes/encode-base64.ts";
import { decodeUtf8 } from "../../bytes/text.ts";
import type { Dialect, DialectDefaults } from "../../core/contracts/dialect.ts";
import type { BoxCrypto } from "../../crypto/box.ts";
import type { KeyPair } from "../../crypto/keys.ts";
import { KEY_BYTES } from "../../crypto/provider.ts";
import { nobleBox } from "../../crypto/providers/noble-box.ts";
import { randomBytes } from "../../crypto/random.ts";
import { type AnsweringParts, AnsweringSession } from "./answering-session.ts";
import { connectNaclBox } from "./connect.ts";
import {
  NACL_BOX_PORT,
  type NaclBoxOptions,
  type NaclBoxSettings,
  naclBoxSettings,
} from "./options.ts";
import { PeerKeys } from "./peer-keys.ts";
import { sealingWith } from "./record.ts";
import { NACL_BOX_SECURITY, NACL_BOX_VOCABULARY } from "./vocabulary.ts";

export type { NaclBoxOptions } from "./options.ts";

/** The nacl-box dialect, which can also tell the keys by which its clients may know it. */
export interface NaclBoxDialect extends Dialect {
  readonly defaults: DialectDefaults;
  /** The server's own keys: those given, or those made at the first look. */
  identity(): Promise<KeyPair>;
}

/**
 * The language of the "HELLO / RPC" system of Python: JSON in NaCl boxes, over ZeroMQ and as text
 * frames of WebSocket. Described, with what it does not protect, in `docs/dialects/nacl-box.md`.
 *
 * @throws `INVALID_ARGUMENT` for an option outside its bounds
 */
export function naclBox(options: NaclBoxOptions = {}): NaclBoxDialect {
  const settings = naclBoxSettings(options);
  const { workers, timeoutMs } = settings;
  const { crypto = nobleBox() } = options;
  const sealing = sealingWith(crypto);
  const ownSide = once(() => answeringSide(options.keyPair ?? freshKeys(crypto), crypto, settings));
  return {
    name: "nacl-box",
    text: true,
    security: NACL_BOX_SECURITY,
    vocabulary: settings.ids ? NACL_BOX_VOCABULARY : { ...NACL_BOX_VOCABULARY, callsInFlight: 1 },
    defaults: {
      ...{ workers, callTimeoutMs: timeoutMs, handlerTimeoutMs: timeoutMs },
      port: NACL_BOX_PORT,
    },
    identity: async () => ownSide().keyPair,
    recognizes,
    accept: async (_wire, { maxFrameBytes }) => {
      const { peers, ownKey } = ownSide();
      return new AnsweringSession({ settings, sealing, peers, ownKey, maxFrameBytes });
    },
    connect: async (wire, initiator) => {
      const keyPair = options.keyPair ?? freshKeys(crypto);
      return connectNaclBox(wire, initiator, { settings, sealing, keyPair });
    },
  };
}

interface AnsweringSide extends Pick<AnsweringParts, "peers" | "ownKey"> {
  readonly keyPair: KeyPair;
}

/** What is made at the first look: a client needs none of it. */
function answeringSide(
  keyPair: KeyPair,
  crypto: BoxCrypto,
  settings: NaclBoxSettings,
): AnsweringSide {
  const peers = new PeerKeys(crypto, keyPair.secretKey, settings.replayWindow);
  return { keyPair, peers, ownKey: encodeBase64(keyPair.publicKey) };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function freshKeys(crypto: BoxCrypto): KeyPair {
  const secretKey = randomBytes(KEY_BYTES);
  return { secretKey, publicKey: crypto.publicKey(secretKey) };
}

/** Requests are JSON objects whose first field is one of three in every client that there is. */
function recognizes(head: Uint8Array): boolean | undefined {
  const text = decodeUtf8(head.subarray(0, LONGEST_START))?.replaceAll(/\s/g, "") ?? "";
  if (STARTS.some((start) => text.startsWith(start))) return true;
  return STARTS.some((start) => start.startsWith(text)) ? undefined : false;
}

const STARTS: readonly string[] = ['{"type":', '{"client_pubkey":', '{"cipher":'];
const LONGEST_START = 64;
