import { decodeBase64Url, decodeUtf8, encodeBase64Url, encodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";

/** A client's half of a login. */
export interface PakeClientLogin {
  /** Goes to the server first. */
  readonly request: Uint8Array;
  /**
   * Answers the server; stretches the password, which takes a fifth of a second and blocks.
   *
   * @throws `UNAUTHENTICATED` when this is not the password, or not the server, of the
   *   registration; `HANDSHAKE_FAILED` when the response is malformed
   */
  finish(response: Uint8Array): { readonly message: Uint8Array; readonly sessionKey: Uint8Array };
}

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

/** Begins a login with a password. */
export async function startPakeClient(password: string): Promise<PakeClientLogin> {
  const { client } = await loadOpaque();
  const secret = normalized(password);
  const started = client.startLogin({ password: secret });
  return {
    request: fromText(started.startLoginRequest),
    finish(response) {
      const finished = orMalformed(() =>
        client.finishLogin({
          clientLoginState: started.clientLoginState,
          loginResponse: encodeBase64Url(response),
          password: secret,
          keyStretching: KEY_STRETCHING,
        }),
      );
      if (finished === undefined) throw notProven();
      const { finishLoginRequest, sessionKey } = finished;
      return { message: fromText(finishLoginRequest), sessionKey: fromText(sessionKey) };
    },
  };
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

type Opaque = Pick<typeof import("@serenity-kit/opaque"), "client" | "server">;

/** The second choice of RFC 9106, section 4: Argon2id with 64 MiB, which browsers can bear. */
const KEY_STRETCHING = "memory-constrained";
const MAX_PASSWORD_LENGTH = 1024;

async function loadOpaque(): Promise<Opaque> {
  try {
    const opaque = await import("@serenity-kit/opaque");
    await opaque.ready;
    return opaque;
  } catch (cause) {
    throw new SealwireError(
      "UNSUPPORTED",
      "passwords need the package @serenity-kit/opaque, which does not load here; " +
        "install it with: npm install @serenity-kit/opaque",
      { cause },
    );
  }
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

function normalized(password: string): string {
  if (password.length === 0 || password.length > MAX_PASSWORD_LENGTH) {
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `a password has 1 to ${MAX_PASSWORD_LENGTH} characters, this one ${password.length}`,
    );
  }
  // The same password typed on another keyboard may be composed in another way (RFC 8265).
  return password.normalize("NFC");
}

function orMalformed<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    throw new SealwireError("HANDSHAKE_FAILED", "a malformed message in a login by password", {
      cause,
    });
  }
}

function notProven(cause?: unknown): SealwireError {
  return new SealwireError(
    "UNAUTHENTICATED",
    "the password does not hold: it is not the one registered for this user, " +
      "or the server is not the one it was registered with",
    cause === undefined ? {} : { cause },
  );
}

function fromText(text: string): Uint8Array {
  const bytes = decodeBase64Url(text);
  if (bytes !== undefined) return bytes;
  throw new SealwireError("INTERNAL", "the password library answered in another form than known");
}
