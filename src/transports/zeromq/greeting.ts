import { asciiBytes } from "./commands.ts";
import { greetingFailed, printable } from "./failures.ts";
import type { HandshakePath } from "./handshake-path.ts";

/** The ways to secure a connection that we speak. */
export type Mechanism = "NULL" | "CURVE";

const SIGNATURE_BYTES = 10;
const MECHANISM_AT = 12;
const MECHANISM_BYTES = 20;
const AS_SERVER_AT = 32;
/** How long a greeting is (RFC 37, section 3.2). */
export const GREETING_BYTES = 64;
const MAJOR = 3;
const MINOR = 1;

/** The first bytes of each side. */
export function formatGreeting(mechanism: Mechanism, asServer: boolean): Uint8Array {
  const greeting = new Uint8Array(GREETING_BYTES);
  greeting[0] = 0xff;
  // Eight bytes of padding, which libzmq fills with 1 so that peers of ZMTP 1 understand.
  greeting[SIGNATURE_BYTES - 2] = 1;
  greeting[SIGNATURE_BYTES - 1] = 0x7f;
  greeting.set([MAJOR, MINOR], SIGNATURE_BYTES);
  greeting.set(asciiBytes(mechanism), MECHANISM_AT);
  greeting[AS_SERVER_AT] = asServer ? 1 : 0;
  return greeting;
}

/**
 * Reads the peer's greeting, each piece as soon as it is there: libzmq sends its own in stages,
 * and strangers are told apart by their first byte. Whether it says to be a server is not looked
 * at, because libzmq always denies it.
 *
 * @returns the minor version that both speak
 * @throws `HANDSHAKE_FAILED` for another protocol, an older version, another mechanism
 */
export async function readGreeting(path: HandshakePath, mechanism: Mechanism): Promise<number> {
  const [first] = await path.bytes(1);
  if (first !== 0xff) throw greetingFailed(path.remote, "it speaks something else, or ZMTP 1");
  const signature = await path.bytes(SIGNATURE_BYTES - 1);
  if (signature[SIGNATURE_BYTES - 2] !== 0x7f) {
    throw greetingFailed(path.remote, "it speaks something else, or ZMTP 1");
  }
  const [major = 0] = await path.bytes(1);
  if (major < MAJOR) throw greetingFailed(path.remote, `it speaks ZMTP ${major}, wanted is 3`);
  const rest = await path.bytes(GREETING_BYTES - SIGNATURE_BYTES - 1);
  const name = mechanismOf(rest.subarray(1, 1 + MECHANISM_BYTES));
  if (name !== mechanism) {
    throw greetingFailed(path.remote, `it wants the mechanism ${name}, we speak ${mechanism}`);
  }
  return Math.min(rest[0] ?? 0, MINOR);
}

/** A name without the zeros that fill it up; other zeros show as question marks. */
function mechanismOf(field: Uint8Array): string {
  let end = field.length;
  while (end > 0 && field[end - 1] === 0) end -= 1;
  return printable(field.subarray(0, end));
}
