import { decodeBase64Url } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";

type Opaque = Pick<typeof import("@serenity-kit/opaque"), "client" | "server">;

/** The second choice of RFC 9106, section 4: Argon2id with 64 MiB, which browsers can bear. */
export const KEY_STRETCHING = "memory-constrained";
const MAX_PASSWORD_LENGTH = 1024;

export async function loadOpaque(): Promise<Opaque> {
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

export function normalized(password: string): string {
  if (password.length === 0 || password.length > MAX_PASSWORD_LENGTH) {
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `a password has 1 to ${MAX_PASSWORD_LENGTH} characters, this one ${password.length}`,
    );
  }
  // The same password typed on another keyboard may be composed in another way (RFC 8265).
  return password.normalize("NFC");
}

export function orMalformed<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    throw new SealwireError("HANDSHAKE_FAILED", "a malformed message in a login by password", {
      cause,
    });
  }
}

export function notProven(cause?: unknown): SealwireError {
  return new SealwireError(
    "UNAUTHENTICATED",
    "the password does not hold: it is not the one registered for this user, " +
      "or the server is not the one it was registered with",
    { cause },
  );
}

export function fromText(text: string): Uint8Array {
  const bytes = decodeBase64Url(text);
  if (bytes !== undefined) return bytes;
  throw new SealwireError("INTERNAL", "the password library answered in another form than known");
}
