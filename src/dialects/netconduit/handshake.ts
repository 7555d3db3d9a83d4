import { equalBytes } from "../../bytes/equal.ts";
import { encodeHex, encodeUtf8 } from "../../bytes/text.ts";
import type { About, Acceptor, Initiator, Wire } from "../../core/contracts/dialect.ts";
import type { Credentials } from "../../core/model/credentials.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";
import { randomBytes } from "../../crypto/random.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { FRAME_TYPES, parseFrame } from "./frame.ts";
import type { NetconduitSettings } from "./options.ts";
import { packFrame, unpackFrame } from "./payload.ts";
import { aboutIn, isMap, textIn, type WireMap } from "./wire-map.ts";

/** What a server knows when a client has logged in. */
export interface Login {
  readonly principal: Principal;
  /** What the client says of itself. */
  readonly about: About;
}

/**
 * The accepting side: judges the hash of the password, in one frame each way.
 *
 * @throws `HANDSHAKE_FAILED` for a first frame that is no login: the original closes without a
 * word; what the authenticator throws, after the client has been told if it was about its password
 */
export async function acceptLogin(
  wire: Wire,
  acceptor: Acceptor,
  settings: NetconduitSettings,
): Promise<Login> {
  const request = payloadOf(await wire.read(), FRAME_TYPES.authRequest, settings);
  const hash = request["password_hash"];
  if (typeof hash !== "string") throw noLogin("a login without a password hash");
  const principal = await judged(wire, acceptor, hash, settings);
  const value = {
    session_token: encodeHex(randomBytes(TOKEN_BYTES)),
    server_info: infoOf(acceptor.about, "conduit_server"),
  };
  // One write: a client of the original takes what one read brings for the whole answer.
  await wire.write(packFrame({ type: FRAME_TYPES.authSuccess, value }, settings, MAX_LOGIN_BYTES));
  return { principal, about: aboutIn(request, "client_info") };
}

/**
 * The connecting side. The server proves nothing: whoever says yes is believed, and gets the hash,
 * with which he can log in as we do.
 *
 * @throws `UNSUPPORTED` for credentials without a password, before anything is sent;
 * `UNAUTHENTICATED` when the server refuses; `HANDSHAKE_FAILED` for an answer that is none
 */
export async function connectLogin(
  wire: Wire,
  { credentials, about }: Initiator,
  settings: NetconduitSettings,
): Promise<About> {
  const value = {
    password_hash: hashOf(encodeUtf8(passwordOf(credentials))),
    client_info: infoOf({ ...about, ...settings.clientInfo }, "conduit_client"),
  };
  await wire.write(packFrame({ type: FRAME_TYPES.authRequest, value }, settings, MAX_LOGIN_BYTES));
  const answer = await wire.read();
  if (typeOf(answer) === FRAME_TYPES.authFailure) throw refused(answer, settings);
  return aboutIn(payloadOf(answer, FRAME_TYPES.authSuccess, settings), "server_info");
}

async function judged(
  wire: Wire,
  acceptor: Acceptor,
  hash: string,
  settings: NetconduitSettings,
): Promise<Principal> {
  const claimed = encodeUtf8(hash);
  // Text against text: the original refuses upper case as well.
  const matches = (secret: Uint8Array) => equalBytes(encodeUtf8(hashOf(secret)), claimed);
  try {
    return await acceptor.authenticate({ scheme: "proof", matches });
  } catch (thrown) {
    const { code } = SealwireError.from(thrown, "INTERNAL");
    // What is no judgement of the password must not make the client give it up for ever.
    if (code === "UNAUTHENTICATED") await wire.write(refusalFrame(settings)).catch(() => {});
    throw thrown;
  }
}

function refusalFrame(settings: NetconduitSettings): Uint8Array {
  const value = { reason: "Invalid password" };
  return packFrame({ type: FRAME_TYPES.authFailure, value }, settings, MAX_LOGIN_BYTES);
}

/** The hash is the credential: unsalted, the same for every login with this password. */
function hashOf(password: Uint8Array): string {
  return encodeHex(sha256(password));
}

function passwordOf(credentials: Credentials): string {
  if (credentials.scheme === "password" && credentials.password !== "") return credentials.password;
  throw new SealwireError(
    "UNSUPPORTED",
    `netconduit proves a password and nothing else, and these credentials are ` +
      `${credentials.scheme}; give { scheme: "password", password }`,
  );
}

function infoOf({ name, version }: About, fallback: string): WireMap {
  return { name: name ?? fallback, version: version ?? "1.0.0" };
}

function typeOf(bytes: Uint8Array): number {
  return parseFrame(bytes).type;
}

function payloadOf(bytes: Uint8Array, type: number, settings: NetconduitSettings): WireMap {
  const frame = parseFrame(bytes);
  if (frame.type !== type) throw noLogin(`a frame of type ${frame.type} in place of a login`);
  const { value } = unpackFrame(frame, settings);
  if (isMap(value)) return value;
  throw noLogin("a login without a map in it");
}

function refused(answer: Uint8Array, settings: NetconduitSettings): SealwireError {
  const { value } = unpackFrame(parseFrame(answer), settings);
  const reason = (isMap(value) && textIn(value, "reason")) || "no reason given";
  return new SealwireError("UNAUTHENTICATED", `the server refused the login: ${reason}`);
}

function noLogin(what: string): SealwireError {
  return new SealwireError("HANDSHAKE_FAILED", `the other side sent ${what}`);
}

/** The original makes 128 hexadecimal digits; nobody ever looks at them. */
const TOKEN_BYTES = 64;
/** A login is small, whatever the limits of the connection are. */
const MAX_LOGIN_BYTES = 16_384;
