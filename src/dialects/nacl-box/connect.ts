import { encodeBase64 } from "../../bytes/encode-base64.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import type { Initiator, Session, Wire } from "../../core/contracts/dialect.ts";
import type { Credentials } from "../../core/model/credentials.ts";
import { SealwireError, UNPROVEN } from "../../core/model/errors.ts";
import type { KeyPair } from "../../crypto/keys.ts";
import { CallingSession } from "./calling-session.ts";
import { failureFrom } from "./errors.ts";
import { type Acknowledged, helloText, parseAcknowledgement, parsePlainError } from "./messages.ts";
import type { NaclBoxSettings } from "./options.ts";
import type { Sealing } from "./record.ts";

/** What a client greets with. */
export interface ConnectParts {
  readonly settings: NaclBoxSettings;
  readonly sealing: Sealing;
  readonly keyPair: KeyPair;
}

/**
 * Asks a server for its key. Whoever answers is believed, unless keys of the server are known:
 * the original makes new ones at every start, so what was seen once proves nothing.
 *
 * @throws `HANDSHAKE_FAILED` when the server does not greet or shows another key than it should,
 *   `UNAUTHENTICATED` when events were asked for with a wrong key
 */
export async function connectNaclBox(
  wire: Wire,
  initiator: Initiator,
  parts: ConnectParts,
): Promise<Session> {
  const { settings, sealing, keyPair } = parts;
  const apiKey = apiKeyIn(initiator.credentials);
  const ownKey = encodeBase64(keyPair.publicKey);
  await wire.write(encodeUtf8(helloText(ownKey, settings)));
  const { serverKey, ...grants } = acknowledged(await wire.read(), settings);
  await checkServerKey(initiator, serverKey);
  const boxKey = sealing.crypto.boxKey(serverKey, keyPair.secretKey);
  const { json, replayWindow } = settings;
  const { maxFrameBytes } = initiator;
  const given = { json, replayWindow, sealing, boxKey, ownKey, apiKey, maxFrameBytes };
  const ids = settings.ids && grants.ids;
  const push = settings.push && grants.push;
  const session = new CallingSession({ ...given, ids, push });
  if (push) await askForEvents(wire, session, settings, apiKey);
  return session;
}

function apiKeyIn(credentials: Credentials): string | undefined {
  if (credentials.scheme === "anonymous") return undefined;
  if (credentials.scheme === "api-key") return credentials.key;
  throw new SealwireError(
    "INVALID_ARGUMENT",
    `nacl-box proves who calls by an API key, not by ${credentials.scheme}; ` +
      'give { scheme: "api-key", key }',
  );
}

/** What a server says before its key is known may be anybody's. */
function acknowledged(frame: Uint8Array, { json }: NaclBoxSettings): Acknowledged {
  try {
    return parseAcknowledgement(frame, json);
  } catch (cause) {
    const { message } = SealwireError.from(cause);
    throw new SealwireError("HANDSHAKE_FAILED", message, { cause, details: UNPROVEN });
  }
}

async function checkServerKey(initiator: Initiator, serverKey: Uint8Array): Promise<void> {
  if (initiator.serverKeys.length === 0) return;
  if (await initiator.trusts(serverKey)) return;
  throw new SealwireError("HANDSHAKE_FAILED", "the server's key is none of those that are trusted");
}

async function askForEvents(
  wire: Wire,
  session: CallingSession,
  { json }: NaclBoxSettings,
  apiKey: string | undefined,
): Promise<void> {
  await wire.write(session.envelope("PUSH", json.format({ api_key: apiKey ?? null })));
  const frame = await wire.read();
  if (frame[0] !== OPEN_BRACE) {
    const reply = session.openReply(frame);
    if (reply.kind === "result") return;
  }
  const { code, message } = failureFrom(parsePlainError(frame, json), false);
  throw new SealwireError(code, `no events from the server: ${message}`);
}

const OPEN_BRACE = 0x7b;
