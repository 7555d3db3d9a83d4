import { apiKeys } from "../../src/auth/api-keys.ts";
import {
  anonymous,
  bearerTokens,
  firstOf,
  publicKeys,
  sharedSecret,
} from "../../src/auth/index.ts";
import type { Authenticator } from "../../src/core/contracts/authenticator.ts";
import type { Acceptor, Initiator, Session } from "../../src/core/contracts/dialect.ts";
import type { Credentials } from "../../src/core/model/credentials.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import { apiKeyPair } from "../../src/crypto/api-key-text.ts";
import { formatPublicKey } from "../../src/crypto/format-keys.ts";
import type { KeyPair } from "../../src/crypto/keys.ts";
import type { CryptoProvider } from "../../src/crypto/provider.ts";
import { nodeCryptoProvider } from "../../src/crypto/providers/node.node.ts";
import { type NativeDialect, type NativeOptions, native } from "../../src/dialects/native/index.ts";
import { type Tap, type WirePair, type WrittenFrame, wirePair } from "./wires.ts";

/** The cryptography of all these tests. */
export const PROVIDER: CryptoProvider = nodeCryptoProvider();

/** A key pair that is the same in every run. */
export function fixedKeys(seed: string): KeyPair {
  const secretKey = PROVIDER.sha256(new TextEncoder().encode(`sealwire test key: ${seed}`));
  return { secretKey, publicKey: PROVIDER.publicKey(secretKey) as Uint8Array };
}

/** The server's keys, by which clients know it. */
export const IDENTITY: KeyPair = fixedKeys("server");
/** The key pair of a client, known as `ann`. */
export const ANN: KeyPair = fixedKeys("ann");
/** An API key, known as `bob`. */
export const API_KEY = "sw_0a1B2c3D_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG_dCD6cj";
/** A bearer token, known as `cem`. */
export const TOKEN = "a token that nobody guesses";
/** A shared secret, known as `dora`. */
export const SECRET: Uint8Array = fixedKeys("shared secret").secretKey;

/** Knows everybody above, and lets in strangers. */
export async function everybody(): Promise<Authenticator> {
  const { publicKey } = await apiKeyPair(API_KEY, "sealwire", PROVIDER);
  return firstOf(
    anonymous(),
    bearerTokens({ [TOKEN]: "cem" }),
    sharedSecret(SECRET, { user: "dora" }),
    apiKeys([{ user: "bob", publicKey }]),
    publicKeys({ [formatPublicKey(ANN.publicKey)]: "ann" }),
  );
}

/** What one greeting is about; everything has a default. */
export interface GreetingCase {
  readonly credentials?: Credentials;
  readonly serverKeys?: readonly Uint8Array[];
  readonly trusts?: Initiator["trusts"];
  readonly authenticator?: Authenticator;
  readonly client?: Partial<NativeOptions>;
  readonly server?: Partial<NativeOptions>;
  readonly maxFrameBytes?: number;
  readonly tap?: Tap;
}

/** How a greeting went, on both sides. */
export interface Greeted {
  readonly client: Session;
  readonly server: Session;
  readonly written: readonly WrittenFrame[];
}

/** Both outcomes, for greetings that fail. */
export interface Outcome {
  readonly client: Session | SealwireError;
  readonly server: Session | SealwireError;
  readonly written: readonly WrittenFrame[];
}

/** A greeting that works. */
export async function greet(given: GreetingCase = {}): Promise<Greeted> {
  const { client, server, written } = await tryToGreet(given);
  if (client instanceof Error) throw client;
  if (server instanceof Error) throw server;
  return { client, server, written };
}

/** A greeting that may fail. */
export async function tryToGreet(given: GreetingCase = {}): Promise<Outcome> {
  const pair = wirePair(given.tap);
  const accepting = settle(
    pair,
    dialectOf(given.server).accept(pair.server, await acceptorOf(given)),
  );
  const connecting = settle(pair, dialectOf(given.client).connect(pair.client, initiatorOf(given)));
  const [server, client] = await Promise.all([accepting, connecting]);
  return { client, server, written: pair.written };
}

/** The dialect with fixed keys. */
export function dialectOf(options: Partial<NativeOptions> = {}): NativeDialect {
  return native({ crypto: PROVIDER, identity: IDENTITY, ...options });
}

/** The accepting side's surroundings. */
export async function acceptorOf(given: GreetingCase = {}): Promise<Acceptor> {
  const authenticator = given.authenticator ?? (await everybody());
  return {
    about: { name: "test server", version: "1.2.3", description: "of the tests" },
    maxFrameBytes: given.maxFrameBytes ?? 16_777_216,
    async authenticate(evidence) {
      const peer = { id: "c1", remote: "memory:client", dialect: "native" };
      const principal = await authenticator.authenticate(evidence, peer);
      if (principal) return principal;
      throw new SealwireError("UNAUTHENTICATED", "these credentials are not accepted here");
    },
    findSecret: async (fits) => authenticator.findSecret?.(fits),
    flush() {},
    signal: new AbortController().signal,
  };
}

/** The connecting side's surroundings. */
export function initiatorOf(given: GreetingCase = {}): Initiator {
  return {
    about: { name: "test client" },
    maxFrameBytes: given.maxFrameBytes ?? 16_777_216,
    credentials: given.credentials ?? { scheme: "anonymous" },
    serverName: "sealwire",
    serverKeys: given.serverKeys ?? [IDENTITY.publicKey],
    trusts: given.trusts ?? (async () => true),
    flush() {},
    signal: new AbortController().signal,
  };
}

async function settle(
  pair: WirePair,
  greeting: Promise<Session>,
): Promise<Session | SealwireError> {
  try {
    return await greeting;
  } catch (thrown) {
    pair.end();
    if (thrown instanceof SealwireError) return thrown;
    // What is not coded must not come out of a greeting: let the test fail loudly.
    throw thrown;
  }
}
