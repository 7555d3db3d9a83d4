import { equalBytes } from "../../bytes/equal.ts";
import type { Acceptor, Wire } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";
import type { KeyPair } from "../../crypto/keys.ts";
import { NoiseHandshake, type NoiseResult } from "../../crypto/noise.ts";
import { type CryptoProvider, KEY_BYTES } from "../../crypto/provider.ts";
import { bindingOf, prologueOf } from "./channel-keys.ts";
import type { FramePool } from "./frame-pool.ts";
import { Greeting, parseHello } from "./greeting.ts";
import { type GreetingMap, requiredText } from "./greeting-fields.ts";
import { helloOf, readEmpty, sessionOf } from "./handshake.ts";
import type { NativeSurroundings } from "./options.ts";
import { acceptPassword } from "./password-proof.ts";
import { NATIVE_PATTERNS } from "./patterns.ts";
import {
  ALERT_CODES,
  formatAlert,
  formatNoise,
  type Preface,
  parseNoise,
  parsePreface,
} from "./preface.ts";
import { RecordLayer } from "./record.ts";
import { hintMatches } from "./secret-hint.ts";
import type { NativeSession } from "./session.ts";

/** What the accepting side brings. */
export interface AcceptParts {
  readonly provider: CryptoProvider;
  readonly settings: NativeSurroundings;
  readonly pool?: FramePool | undefined;
  readonly identity: KeyPair;
  readonly falseRecordOf: (user: string) => Promise<Uint8Array>;
  /** Fixed ones make an exchange repeatable, which only the vectors may want. */
  readonly ephemeralKeys?: KeyPair;
}

/** Greets a client: Noise by the pattern it asks for, then who it is, sealed. */
export async function acceptNative(
  wire: Wire,
  acceptor: Acceptor,
  parts: AcceptParts,
): Promise<NativeSession> {
  const { noise, psk } = await alerting(wire, async () => {
    const preface = parsePreface(await wire.read());
    return runNoise(wire, preface, acceptor, parts);
  });
  const keys = noise.split();
  const records = new RecordLayer(keys.send, keys.receive, parts.settings.paddingBytes, parts.pool);
  const greeting = new Greeting(wire, records);
  const map = await greeting.hear();
  try {
    const theirs = parseHello(map);
    const principal = await judge({ map, greeting, noise, psk, keys, parts, acceptor });
    const hello = helloOf(acceptor, parts.settings);
    await greeting.say({ ...hello.map, ...principal.welcome });
    principal.rekey?.();
    return sessionOf({
      records,
      settings: parts.settings,
      connected: false,
      principal: principal.who,
      binding: bindingOf(parts.provider, keys.handshakeHash),
      ours: hello.hello,
      theirs,
    });
  } catch (thrown) {
    const error = refusal(thrown);
    // Whoever left does not hear it, which must not hide why it was refused.
    await greeting.refuse(error).catch(() => {});
    throw error;
  } finally {
    keys.chainingKey.fill(0);
  }
}

interface Finished {
  readonly noise: NoiseHandshake;
  readonly psk: Uint8Array | undefined;
}

async function runNoise(
  wire: Wire,
  preface: Preface,
  acceptor: Acceptor,
  { provider, settings, identity, ephemeralKeys }: AcceptParts,
): Promise<Finished> {
  const psk = preface.pattern === "NNpsk0" ? await findPsk(preface, acceptor, provider) : undefined;
  const noise = new NoiseHandshake({
    pattern: NATIVE_PATTERNS[preface.pattern],
    initiator: false,
    prologue: prologueOf(preface.bytes, settings.application),
    provider,
    ephemeralKeys,
    ...(psk ? { psks: [psk] } : { staticKeys: identity }),
  });
  await readFirst(noise, preface.message, psk !== undefined);
  await wire.write(formatNoise(await noise.writeMessage(NOTHING)));
  if (!noise.finished) await readEmpty(noise, parseNoise(await wire.read()));
  return { noise, psk };
}

async function readFirst(
  noise: NoiseHandshake,
  message: Uint8Array,
  shared: boolean,
): Promise<void> {
  try {
    await readEmpty(noise, message);
  } catch (cause) {
    throw shared ? unknownSecret() : new SealwireError("HANDSHAKE_FAILED", WRONG_KEY, { cause });
  }
}

async function findPsk(
  { hint }: Preface,
  acceptor: Acceptor,
  provider: CryptoProvider,
): Promise<Uint8Array> {
  const psk = await acceptor.findSecret((candidate) => hintMatches(provider, candidate, hint));
  if (psk?.length === KEY_BYTES) return psk;
  throw unknownSecret();
}

interface Judging {
  readonly map: GreetingMap;
  readonly greeting: Greeting;
  readonly noise: NoiseHandshake;
  readonly psk: Uint8Array | undefined;
  readonly keys: NoiseResult;
  readonly parts: AcceptParts;
  readonly acceptor: Acceptor;
}

interface Judged {
  readonly who: Principal;
  readonly welcome?: GreetingMap;
  readonly rekey?: () => void;
}

async function judge(judging: Judging): Promise<Judged> {
  const { map, noise, psk, acceptor } = judging;
  const scheme = requiredText(map, "scheme");
  if (psk) {
    const matches = (candidate: Uint8Array) => equalBytes(candidate, psk);
    return { who: await acceptor.authenticate({ scheme: "proof", matches }) };
  }
  switch (scheme) {
    case "anonymous":
      return { who: await acceptor.authenticate({ scheme }) };
    case "token":
      return { who: await acceptor.authenticate({ scheme, token: requiredText(map, "token") }) };
    case "public-key": {
      const key = noise.remoteStatic;
      if (!key) throw new SealwireError("UNAUTHENTICATED", "this handshake proves no key");
      return { who: await acceptor.authenticate({ scheme, key }) };
    }
    case "password":
      return acceptPassword(judging);
    default:
      throw new SealwireError("UNSUPPORTED", "an unknown way to prove who one is");
  }
}

/** Before anything is sealed a failure can only be told in clear. */
async function alerting<Result>(wire: Wire, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (thrown) {
    const error = SealwireError.from(thrown, "HANDSHAKE_FAILED");
    if (mayBeTold(error)) await wire.write(formatAlert(error)).catch(() => {});
    throw error;
  }
}

/** Our own sentences; what a platform or a library says of itself stays here. */
function mayBeTold({ code, cause }: SealwireError): boolean {
  return ALERT_CODES.includes(code) && (cause === undefined || cause instanceof SealwireError);
}

/** What concerns only us is not told. */
function refusal(thrown: unknown): SealwireError {
  const error = SealwireError.from(thrown, "INTERNAL");
  if (error.code !== "INTERNAL") return error;
  return new SealwireError("INTERNAL", "the server could not judge the credentials", {
    cause: error,
  });
}

const NOTHING = new Uint8Array(0);
const WRONG_KEY =
  "the first message does not open: this server has another key than the client expects, " +
  "or the two differ in application or version";

function unknownSecret(): SealwireError {
  return new SealwireError("UNAUTHENTICATED", "no shared secret of this server fits");
}
