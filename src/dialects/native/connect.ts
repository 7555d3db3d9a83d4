import type { Initiator, Session, Wire } from "../../core/contracts/dialect.ts";
import type { Credentials } from "../../core/model/credentials.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { generateKeyPair, type KeyPair, keyPairFrom } from "../../crypto/keys.ts";
import { NoiseHandshake } from "../../crypto/noise.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import { bindingOf, joinBytes, prologueOf, resumptionSecret } from "./channel-keys.ts";
import type { FramePool } from "./frame-pool.ts";
import { Greeting, parseHello } from "./greeting.ts";
import { helloOf, readEmpty, sessionOf } from "./handshake.ts";
import type { NativeSurroundings } from "./options.ts";
import { NATIVE_PATTERNS } from "./patterns.ts";
import { formatNoise, formatPreface, type PatternName, parseNoise } from "./preface.ts";
import { RecordLayer } from "./record.ts";
import type { ResumableSession } from "./resumable-session.ts";

/** What the connecting side brings. */
export interface ConnectParts {
  readonly provider: CryptoProvider;
  readonly settings: NativeSurroundings;
  readonly pool?: FramePool | undefined;
  /** Fixed ones make an exchange repeatable, which only the vectors may want. */
  readonly fixed?: { readonly ephemeralKeys: KeyPair; readonly hintNonce?: Uint8Array };
}

/** Greets a server: Noise by the pattern that fits what we hold and know, then who we are. */
export async function connectNative(
  wire: Wire,
  initiator: Initiator,
  parts: ConnectParts,
): Promise<Session> {
  const { provider, settings } = parts;
  const { resume } = initiator;
  const keys = (await shakeHands(wire, initiator, parts)).split();
  const records = new RecordLayer(keys.send, keys.receive, settings.paddingBytes, parts.pool);
  const greeting = new Greeting(wire, records);
  // What this dialect has made comes back to it.
  const again = initiator.resume?.session as ResumableSession | undefined;
  if (again) return again.greetAgain(greeting);
  const { hello, map } = helloOf(initiator, settings, resume !== undefined);
  const { credentials } = initiator;
  const welcome =
    credentials.scheme === "password"
      ? await (await rareCredentials()).connectPassword({
          greeting,
          map,
          credentials,
          keys,
          provider,
        })
      : await ask(greeting, { ...map, ...proofOf(credentials) });
  const session = await sessionOf({
    records,
    settings,
    connected: true,
    binding: bindingOf(provider, keys.handshakeHash),
    ours: hello,
    theirs: parseHello(welcome),
  });
  const { resume: ticket } = welcome;
  const lasting =
    resume && ticket
      ? (await import("./resume-ticket.ts")).lastingSession(
          { ticket, session, records, secret: resumptionSecret(provider, keys) },
          initiator.flush,
          resume,
        )
      : session;
  keys.chainingKey.fill(0);
  return lasting;
}

async function ask(greeting: Greeting, map: Readonly<Record<string, unknown>>) {
  await greeting.say(map);
  return greeting.hear();
}

/** Tokens are sent, sealed, to a server that has shown its key; everything else is proven. */
function proofOf(credentials: Credentials): Readonly<Record<string, unknown>> {
  switch (credentials.scheme) {
    case "token":
      return { scheme: "token", token: credentials.token };
    case "api-key":
    case "key-pair":
      return { scheme: "public-key" };
    case "secret":
      return { scheme: "secret" };
    default:
      return { scheme: credentials.scheme };
  }
}

async function shakeHands(
  wire: Wire,
  initiator: Initiator,
  parts: ConnectParts,
): Promise<NoiseHandshake> {
  const plan = await planOf(initiator, parts);
  try {
    return await runNoise(wire, initiator, plan, parts);
  } finally {
    // Made here of what the caller keeps; the key pair of the caller itself is not touched.
    plan.psk?.fill(0);
    if (initiator.credentials.scheme !== "key-pair") plan.staticKeys?.secretKey.fill(0);
  }
}

interface Plan {
  readonly pattern: PatternName;
  readonly staticKeys?: KeyPair;
  readonly serverKey?: Uint8Array;
  readonly psk?: Uint8Array;
  readonly hint?: Uint8Array;
}

async function planOf(initiator: Initiator, { provider, fixed }: ConnectParts): Promise<Plan> {
  const { credentials, serverKeys } = initiator;
  const again = initiator.resume?.session as ResumableSession | undefined;
  if (again) return { pattern: "resume", psk: again.secret.slice(), hint: again.resumption.id };
  if (credentials.scheme === "secret") {
    const { keyOfSecret } = await rareCredentials();
    return { pattern: "NNpsk0", ...keyOfSecret(credentials.secret, provider, fixed?.hintNonce) };
  }
  const own = await staticKeysOf(initiator, provider);
  const [serverKey] = serverKeys;
  // With several known keys the server shows which one it has; so it does at a first contact.
  if (!serverKey || serverKeys.length > 1) {
    return { pattern: "XX", staticKeys: own ?? (await generateKeyPair(provider)) };
  }
  return own ? { pattern: "XK", staticKeys: own, serverKey } : { pattern: "NK", serverKey };
}

async function staticKeysOf(
  initiator: Initiator,
  provider: CryptoProvider,
): Promise<KeyPair | undefined> {
  const { credentials } = initiator;
  if (credentials.scheme === "key-pair") return keyPairFrom(credentials.secretKey, provider);
  if (credentials.scheme !== "api-key") return undefined;
  return (await rareCredentials()).keyPairOfApiKey(credentials.key, initiator, provider);
}

/** Loaded by those who need it: pages weigh what they load. */
function rareCredentials(): Promise<typeof import("./rare-credentials.ts")> {
  return import("./rare-credentials.ts");
}

async function runNoise(
  wire: Wire,
  initiator: Initiator,
  plan: Plan,
  { provider, settings, fixed }: ConnectParts,
): Promise<NoiseHandshake> {
  const { pattern, staticKeys, serverKey, psk, hint = NOTHING } = plan;
  const preface = formatPreface(pattern, hint);
  const noise = new NoiseHandshake({
    pattern: NATIVE_PATTERNS[pattern],
    initiator: true,
    prologue: prologueOf(preface, settings.application),
    provider,
    ephemeralKeys: fixed?.ephemeralKeys,
    staticKeys,
    remoteStatic: serverKey,
    psks: psk && [psk],
  });
  await wire.write(joinBytes(preface, await noise.writeMessage(NOTHING)));
  await readEmpty(noise, parseNoise(await wire.read()));
  if (noise.remoteStatic) await mustTrust(initiator, noise.remoteStatic);
  if (!noise.finished) await wire.write(formatNoise(await noise.writeMessage(NOTHING)));
  return noise;
}

/** Asked before our own key leaves, so a stranger does not even learn who came. */
async function mustTrust(initiator: Initiator, serverKey: Uint8Array): Promise<void> {
  if (await initiator.trusts(serverKey)) return;
  throw new SealwireError("HANDSHAKE_FAILED", "the server's key is not one that is trusted");
}

const NOTHING = new Uint8Array(0);
