import { equalBytes } from "../../bytes/equal.ts";
import { join } from "../../bytes/join.ts";
import type { Acceptor, KeptSessions, Session, Wire } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";
import type { KeyPair } from "../../crypto/keys.ts";
import { NoiseHandshake, type NoiseResult } from "../../crypto/noise.ts";
import { type CryptoProvider, KEY_BYTES } from "../../crypto/provider.ts";
import { randomBytes } from "../../crypto/random.ts";
import { acceptAgain } from "./accept-again.ts";
import { alerting } from "./alerting.ts";
import { bindingOf, prologueOf, resumptionSecret } from "./channel-keys.ts";
import type { FramePool } from "./frame-pool.ts";
import { Greeting, parseHello } from "./greeting.ts";
import { type GreetingMap, requiredText } from "./greeting-fields.ts";
import { helloOf, RESUME, readEmpty, sessionOf } from "./handshake.ts";
import type { NativeSurroundings } from "./options.ts";
import { acceptPassword } from "./password-proof.ts";
import { NATIVE_PATTERNS } from "./patterns.ts";
import { formatNoise, type Preface, parseNoise, parsePreface } from "./preface.ts";
import { RecordLayer } from "./record.ts";
import { ID_BYTES, lastingSession } from "./resume-ticket.ts";
import { hintMatches } from "./secret-hint.ts";

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
): Promise<Session> {
  const preface = await alerting(wire, async () => parsePreface(await wire.read()));
  if (preface.pattern === "resume") return acceptAgain(wire, preface, acceptor, parts);
  const { noise, psk } = await alerting(wire, () => runNoise(wire, preface, acceptor, parts));
  const keys = noise.split();
  const records = new RecordLayer(keys.send, keys.receive, parts.settings.paddingBytes, parts.pool);
  const greeting = new Greeting(wire, records);
  const map = await greeting.hear();
  try {
    const theirs = parseHello(map);
    const principal = await judge({ map, greeting, noise, psk, keys, parts, acceptor });
    const hello = helloOf(acceptor, parts.settings, acceptor.sessions !== undefined);
    const lasting = theirs.features.includes(RESUME) ? acceptor.sessions : undefined;
    const resume = lasting && ticketFor(lasting);
    await greeting.say({ ...hello.map, ...principal.welcome, ...(resume && { resume }) });
    principal.rekey?.();
    const session = await sessionOf({
      records,
      settings: parts.settings,
      connected: false,
      principal: principal.who,
      binding: bindingOf(parts.provider, keys.handshakeHash),
      ours: hello.hello,
      theirs,
    });
    if (!lasting) return session;
    const { provider } = parts;
    const secret = resumptionSecret(provider, keys);
    return lastingSession({ ticket: resume, session, records, secret }, acceptor.flush, lasting);
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

/** What concerns only us is not told. */
function refusal(thrown: unknown): SealwireError {
  const error = SealwireError.from(thrown, "INTERNAL");
  if (error.code !== "INTERNAL") return error;
  return new SealwireError("INTERNAL", "the server could not judge the credentials", {
    cause: error,
  });
}

/** What the client is told of a session that may go on. */
function ticketFor({ idPrefix, windowMs }: KeptSessions): GreetingMap {
  return { id: join([idPrefix, randomBytes(ID_BYTES - idPrefix.length)]), windowMs };
}

const NOTHING = new Uint8Array(0);
const WRONG_KEY =
  "the first message does not open: this server has another key than the client expects, " +
  "or the two differ in application or version";

function unknownSecret(): SealwireError {
  return new SealwireError("UNAUTHENTICATED", "no shared secret of this server fits");
}
