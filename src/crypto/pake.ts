import { encodeBase64Url } from "../bytes/encode-base64.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import {
  fromText,
  KEY_STRETCHING,
  loadOpaque,
  normalized,
  notProven,
  orMalformed,
} from "./opaque.ts";

export { type PakeClientLogin, startPakeClient } from "./pake-client.ts";

/** A server's half of a login. */
export interface PakeServerLogin {
  /** Goes to the client. */
  readonly response: Uint8Array;
  /**
   * The key that the client has as well (64 bytes).
   *
   * @throws `UNAUTHENTICATED` when the client did not know the password
   */
  finish(message: Uint8Array): Uint8Array;
}

/**
 * Long-lived secrets of a server, in text form. All records of one server share them, so that the
 * false record of an unknown user looks like the others.
 *
 * @throws `UNSUPPORTED` when the package for passwords is not installed, as all functions here
 */
export async function createPakeSetup(): Promise<string> {
  return (await loadOpaque()).server.createSetup();
}

/**
 * The record by which a server recognises a password later without knowing it (OPAQUE, RFC 9807).
 * Whoever steals it can try passwords, slowly, one user at a time. Takes a fifth of a second.
 *
 * @throws `INVALID_ARGUMENT` when the password is empty or has more than 1024 characters
 */
export async function registerPassword(
  user: string,
  password: string,
  setup: string,
): Promise<Uint8Array> {
  const { client, server } = await loadOpaque();
  const secret = normalized(password);
  const started = client.startRegistration({ password: secret });
  const { registrationResponse } = server.createRegistrationResponse({
    serverSetup: setup,
    userIdentifier: user,
    registrationRequest: started.registrationRequest,
  });
  const { clientRegistrationState } = started;
  const finished = client.finishRegistration({
    ...{ password: secret, registrationResponse, clientRegistrationState },
    keyStretching: KEY_STRETCHING,
  });
  return formatRecord({ setup, user, registration: finished.registrationRecord });
}

/** A record that no password fits, for users who do not exist: an attempt looks the same. */
export function falseRecord(user: string, setup: string): Uint8Array {
  return formatRecord({ setup, user, registration: null });
}

/**
 * The setup that a record was made with, for false records beside it.
 *
 * @throws `INVALID_ARGUMENT` when the record is damaged
 */
export function setupOf(record: Uint8Array): string {
  return parseRecord(record).setup;
}

/**
 * Answers a client that began a login.
 *
 * @throws `HANDSHAKE_FAILED` when the request is malformed; `INVALID_ARGUMENT` when the record is
 */
export async function startPakeServer(
  record: Uint8Array,
  request: Uint8Array,
): Promise<PakeServerLogin> {
  const { server } = await loadOpaque();
  const { setup, user, registration } = parseRecord(record);
  const started = orMalformed(() =>
    server.startLogin({
      serverSetup: setup,
      userIdentifier: user,
      registrationRecord: registration,
      startLoginRequest: encodeBase64Url(request),
    }),
  );
  return {
    response: fromText(started.loginResponse),
    finish(message) {
      const { serverLoginState } = started;
      const finishLoginRequest = encodeBase64Url(message);
      try {
        return fromText(server.finishLogin({ serverLoginState, finishLoginRequest }).sessionKey);
      } catch (cause) {
        throw notProven(cause);
      }
    },
  };
}

interface PasswordRecord {
  readonly setup: string;
  readonly user: string;
  readonly registration: string | null;
}

function formatRecord(record: PasswordRecord): Uint8Array {
  return encodeUtf8(JSON.stringify({ version: 1, ...record }));
}

function parseRecord(bytes: Uint8Array): PasswordRecord {
  const record = parseJson(decodeUtf8(bytes));
  if (typeof record === "object" && record !== null) {
    const { version, setup, user, registration }: Partial<Record<string, unknown>> = { ...record };
    const registered = typeof registration === "string" || registration === null;
    if (version === 1 && typeof setup === "string" && typeof user === "string" && registered) {
      return { setup, user, registration };
    }
  }
  throw new SealwireError(
    "INVALID_ARGUMENT",
    "a password record is damaged or of another version; register the password again",
  );
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
