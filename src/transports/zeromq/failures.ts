import { SealwireError, UNPROVEN } from "../../core/model/errors.ts";

/** The peer does not keep to ZMTP. */
export function violation(found: string, expected: string): SealwireError {
  const message = `the peer does not speak ZMTP as it should: ${found}; expected ${expected}`;
  return new SealwireError("PROTOCOL_VIOLATION", message);
}

/** The greeting did not come to its end. Anybody on the way may have caused it. */
export function greetingFailed(remote: string, why: string, cause?: unknown): SealwireError {
  const message = `no ZMTP with ${remote}: ${why}`;
  return new SealwireError("HANDSHAKE_FAILED", message, { details: UNPROVEN, cause });
}

/** The peer sent more than we take. */
export function tooLarge(found: string, option: string, limit: number): SealwireError {
  const message = `${found}; at most ${limit} are taken: send less at once or raise ${option}`;
  return new SealwireError("TOO_LARGE", message);
}

/** The peer has gone without a word. */
export function silent(remote: string, silentMs: number): SealwireError {
  const message = `${remote} has said nothing for ${silentMs} ms; connect again to go on`;
  return new SealwireError("UNAVAILABLE", message);
}

/** What of a peer's words may stand in a message for people. */
export function printable(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes.subarray(0, 64)) {
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?";
  }
  return text;
}
