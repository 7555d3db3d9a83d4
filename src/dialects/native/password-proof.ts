import { equalBytes } from "../../bytes/equal.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import type { Acceptor } from "../../core/contracts/dialect.ts";
import type { Credentials } from "../../core/model/credentials.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";
import { hkdf } from "../../crypto/derive.ts";
import type { NoiseResult } from "../../crypto/noise.ts";
import { type PakeClientLogin, startPakeClient, startPakeServer } from "../../crypto/pake.ts";
import { type CryptoProvider, HASH_BYTES } from "../../crypto/provider.ts";
import { joinBytes } from "./channel-keys.ts";
import { type Greeting, type GreetingMap, requiredBytes, requiredText } from "./greeting.ts";

/** What the proof of a password runs over, on the server. */
export interface PasswordJudging {
  readonly map: GreetingMap;
  readonly greeting: Greeting;
  readonly keys: NoiseResult;
  readonly acceptor: Acceptor;
  readonly parts: {
    readonly provider: CryptoProvider;
    /** For a user without a record: an exchange that looks like any other and never succeeds. */
    readonly falseRecordOf: (user: string) => Promise<Uint8Array>;
  };
}

/** What it leaves: the welcome carries our proof, afterwards both directions change their keys. */
export interface PasswordJudged {
  readonly who: Principal;
  readonly welcome: GreetingMap;
  readonly rekey: () => void;
}

/**
 * OPAQUE (RFC 9807) inside the sealed channel. Its messages do not know the channel, so both sides
 * prove the session key over the handshake hash and mix it into the keys of the records: whoever
 * sits between two channels has neither.
 */
export async function acceptPassword(judging: PasswordJudging): Promise<PasswordJudged> {
  const { map, greeting, keys, acceptor, parts } = judging;
  const user = requiredText(map, "user");
  let session: Uint8Array | undefined;
  let tried = false;
  const prove = async (record: Uint8Array | undefined): Promise<boolean> => {
    // The client plays its half once; a second authenticator cannot begin anew.
    if (tried) return false;
    tried = true;
    const played = record ?? (await parts.falseRecordOf(user));
    const made = await exchange(played, map, greeting, keys, parts.provider);
    if (record) session = made;
    return session !== undefined;
  };
  const who = await acceptor.authenticate({ scheme: "pake", user, prove });
  if (!session) throw new SealwireError("UNAUTHENTICATED", "the password was not proven");
  const shared = session;
  return {
    who,
    welcome: { mac: macOf(parts.provider, shared, "server", keys) },
    rekey: () => mixIn(parts.provider, shared, keys, false),
  };
}

/** The client's half. @throws `UNAUTHENTICATED` when user or password are wrong. */
export async function connectPassword(asking: {
  readonly greeting: Greeting;
  readonly map: GreetingMap;
  readonly credentials: Extract<Credentials, { readonly scheme: "password" }>;
  readonly keys: NoiseResult;
  readonly provider: CryptoProvider;
}): Promise<GreetingMap> {
  const { greeting, map, credentials, keys, provider } = asking;
  const { password, user = "" } = credentials;
  const client = await startPakeClient(password);
  await greeting.say({ ...map, scheme: "password", user, start: client.request });
  const finished = proven(client, requiredBytes(await greeting.hear(), "response"));
  // The server is told that it did not work, so that it can count the attempt.
  if (!finished) await greeting.say({ finish: NOTHING, mac: NOTHING });
  else {
    const mac = macOf(provider, finished.sessionKey, "client", keys);
    await greeting.say({ finish: finished.message, mac });
  }
  const welcome = await greeting.hear();
  if (!finished) throw new SealwireError("UNAUTHENTICATED", "wrong user or password");
  const expected = macOf(provider, finished.sessionKey, "server", keys);
  if (!equalBytes(requiredBytes(welcome, "mac"), expected)) throw betweenUs();
  mixIn(provider, finished.sessionKey, keys, true);
  return welcome;
}

function proven(client: PakeClientLogin, response: Uint8Array): PakeFinish | undefined {
  try {
    return client.finish(response);
  } catch (thrown) {
    if (SealwireError.from(thrown).code === "UNAUTHENTICATED") return undefined;
    throw thrown;
  }
}

type PakeFinish = ReturnType<PakeClientLogin["finish"]>;

async function exchange(
  record: Uint8Array,
  map: GreetingMap,
  greeting: Greeting,
  keys: NoiseResult,
  provider: CryptoProvider,
): Promise<Uint8Array | undefined> {
  try {
    const server = await startPakeServer(record, requiredBytes(map, "start"));
    await greeting.say({ response: server.response });
    const answer = await greeting.hear();
    const session = server.finish(requiredBytes(answer, "finish"));
    const expected = macOf(provider, session, "client", keys);
    return equalBytes(requiredBytes(answer, "mac"), expected) ? session : undefined;
  } catch {
    // Leaving in the middle, or nonsense instead of a proof, is an attempt that failed.
    return undefined;
  }
}

function macOf(
  provider: CryptoProvider,
  session: Uint8Array,
  side: "client" | "server",
  { handshakeHash }: NoiseResult,
): Uint8Array {
  const label = encodeUtf8(`sealwire/opaque-bind/v1 ${side}`);
  return provider.hmacSha256(session, joinBytes(label, handshakeHash));
}

/** New keys for both directions, from the chaining key and the password's session key. */
function mixIn(
  provider: CryptoProvider,
  session: Uint8Array,
  keys: NoiseResult,
  connected: boolean,
): void {
  const info = joinBytes(encodeUtf8("sealwire/opaque-keys/v1"), keys.handshakeHash);
  const bytes = 2 * HASH_BYTES;
  const made = hkdf(provider, { key: session, salt: keys.chainingKey, info, bytes });
  const ofClient = made.slice(0, HASH_BYTES);
  const ofServer = made.slice(HASH_BYTES);
  made.fill(0);
  session.fill(0);
  keys.send.setKey(connected ? ofClient : ofServer);
  keys.receive.setKey(connected ? ofServer : ofClient);
}

const NOTHING = new Uint8Array(0);

function betweenUs(): SealwireError {
  return new SealwireError(
    "HANDSHAKE_FAILED",
    "the server knows the password but not this connection: somebody may stand between",
  );
}
