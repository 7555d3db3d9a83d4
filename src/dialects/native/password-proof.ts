import { equalBytes } from "../../bytes/equal.ts";
import type { Acceptor } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";
import type { NoiseResult } from "../../crypto/noise.ts";
import { startPakeServer } from "../../crypto/pake.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import type { Greeting } from "./greeting.ts";
import { type GreetingMap, requiredBytes, requiredText } from "./greeting-fields.ts";
import { macOf, mixIn } from "./password-binding.ts";

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
