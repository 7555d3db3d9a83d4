import type { Acceptor, KeptSession, Wire } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { NoiseHandshake } from "../../crypto/noise.ts";
import type { AcceptParts } from "./accept.ts";
import { alerting } from "./alerting.ts";
import { prologueOf } from "./channel-keys.ts";
import { Greeting } from "./greeting.ts";
import { readEmpty } from "./handshake.ts";
import { NATIVE_PATTERNS } from "./patterns.ts";
import { formatNoise, type Preface } from "./preface.ts";
import { RecordLayer } from "./record.ts";
import { ResumableSession } from "./resumable-session.ts";

/**
 * Greets a client that goes on with its session. Nothing of the session changes before the client
 * has proven, with keys made just now, that it has the secret of the session.
 *
 * @throws `HANDSHAKE_FAILED` for a session that is not here, or a secret that is not its own;
 * `CONFLICT` when too much is lost
 */
export async function acceptAgain(
  wire: Wire,
  preface: Preface,
  acceptor: Acceptor,
  parts: Pick<AcceptParts, "provider" | "settings">,
): Promise<ResumableSession> {
  const { kept, session, greeting } = await alerting(wire, () =>
    shakeHands(wire, preface, acceptor, parts),
  );
  const progress = await greeting.hear();
  // From here on the old channel decodes nothing, so that what is told now stays true.
  kept.take();
  try {
    session.goOn(progress);
  } catch (thrown) {
    const error = SealwireError.from(thrown);
    kept.end(error);
    await greeting.refuse(error).catch(() => {});
    throw error;
  }
  await greeting.say({ ...session.progress });
  return session;
}

interface Met {
  readonly kept: KeptSession;
  readonly session: ResumableSession;
  readonly greeting: Greeting;
}

async function shakeHands(
  wire: Wire,
  preface: Preface,
  acceptor: Acceptor,
  parts: Pick<AcceptParts, "provider" | "settings">,
): Promise<Met> {
  const kept = acceptor.sessions?.find(preface.hint);
  const session = kept?.session;
  if (!kept || !(session instanceof ResumableSession)) throw unknownSession();
  const { provider, settings } = parts;
  const noise = new NoiseHandshake({
    pattern: NATIVE_PATTERNS.resume,
    initiator: false,
    prologue: prologueOf(preface.bytes, settings.application),
    provider,
    psks: [session.secret],
  });
  await readEmpty(noise, preface.message).catch(() => {
    throw unknownSession();
  });
  await wire.write(formatNoise(await noise.writeMessage(new Uint8Array(0))));
  // These keys seal the rest of the greeting; the session goes on with its own.
  const { send, receive, chainingKey } = noise.split();
  chainingKey.fill(0);
  const records = new RecordLayer(send, receive, settings.paddingBytes);
  return { kept, session, greeting: new Greeting(wire, records) };
}

/** The same for a false secret: who guesses ids does not learn which there are. */
function unknownSession(): SealwireError {
  const message = "this session is not known here, or no longer: connect anew";
  return new SealwireError("HANDSHAKE_FAILED", message);
}
