import { join } from "../../bytes/join.ts";
import { decodeUtf8, encodeUtf8 } from "../../bytes/text.ts";
import { type ErrorCode, SealwireError, UNPROVEN } from "../../core/model/errors.ts";

/** The handshakes that this version offers: patterns of the Noise specification, and one of ours. */
export type PatternName = "NK" | "XK" | "XX" | "NNpsk0" | "resume";

/** Their numbers on the wire. */
const PATTERNS: Readonly<Record<PatternName, number>> = {
  NK: 1,
  XK: 2,
  XX: 3,
  NNpsk0: 4,
  resume: 5,
};

/** How long their hints are. */
const HINT_LENGTHS: Readonly<Record<PatternName, number>> = {
  NK: 0,
  XK: 0,
  XX: 0,
  NNpsk0: 24,
  resume: 16,
};

/** The version of the wire that this code speaks. */
const VERSION = 1;

/** What a client says in clear before the first Noise message; all of it goes into the prologue. */
export interface Preface {
  readonly pattern: PatternName;
  /**
   * Which pre-shared key is meant, unlinkably: a fresh nonce and its MAC. With `resume` the id of
   * the session. Else empty.
   */
  readonly hint: Uint8Array;
  /** Exactly these bytes, for the prologue. */
  readonly bytes: Uint8Array;
  /** The first Noise message. */
  readonly message: Uint8Array;
}

const MAGIC = Uint8Array.of(0x53, 0x45, 0x41, 0x4c); // "SEAL"
const FIXED_BYTES = MAGIC.length + 3;
/** First byte of every later frame of the handshake. */
const FRAME = { alert: 0, noise: 1 } as const;

/** The bytes that begin a connection, without the Noise message that follows them. */
export function formatPreface(pattern: PatternName, hint: Uint8Array): Uint8Array {
  return Uint8Array.of(...MAGIC, VERSION, PATTERNS[pattern], hint.length, ...hint);
}

/**
 * The first frame of a client.
 *
 * @throws `HANDSHAKE_FAILED` when it is none, `UNSUPPORTED` for another version or pattern.
 */
export function parsePreface(frame: Uint8Array): Preface {
  if (frame.length < FIXED_BYTES || MAGIC.some((byte, i) => frame[i] !== byte)) throw notOurs();
  const [version, number, hintLength = 0] = frame.subarray(MAGIC.length);
  if (version !== VERSION) throw unsupported(`version ${version} of the wire; this is ${VERSION}`);
  const pattern = PATTERN_NAMES.find((name) => PATTERNS[name] === number);
  if (!pattern) throw unsupported(`handshake pattern ${number}`);
  const end = FIXED_BYTES + hintLength;
  if (hintLength !== HINT_LENGTHS[pattern] || frame.length < end) throw notOurs();
  return {
    pattern,
    hint: frame.subarray(FIXED_BYTES, end),
    bytes: frame.slice(0, end),
    message: frame.subarray(end),
  };
}

/** Whether a connection begins as ours does, with or without a length before the frame. */
export function recognizesPreface(head: Uint8Array): boolean | undefined {
  if (head.length === 0) return undefined;
  // A first frame is far below 64 KiB: its length begins with two zero bytes.
  const at = head[0] === 0 ? 4 : 0;
  if (at === 4 && head.length > 1 && head[1] !== 0) return false;
  const seen = Math.min(MAGIC.length, head.length - at);
  for (let i = 0; i < seen; i++) if (head[at + i] !== MAGIC[i]) return false;
  return seen >= MAGIC.length ? true : undefined;
}

/** The id of the session with which the first frame of a client wants to go on, if any. */
export function sessionIn(frame: Uint8Array): Uint8Array | undefined {
  try {
    const { pattern, hint } = parsePreface(frame);
    return pattern === "resume" ? hint : undefined;
  } catch {
    return undefined;
  }
}

/** A later Noise message as a frame. */
export function formatNoise(message: Uint8Array): Uint8Array {
  return join([Uint8Array.of(FRAME.noise), message]);
}

/**
 * Why the handshake ends, in clear: nobody is proven yet, so it may explain, but nothing that
 * follows may depend on it.
 */
export function formatAlert(error: SealwireError): Uint8Array {
  const text = encodeUtf8(`${error.code} ${error.message}`).subarray(0, MAX_ALERT_BYTES);
  return Uint8Array.of(FRAME.alert, ...text);
}

/**
 * The Noise message in a frame of the other side.
 *
 * @throws the failure that the other side tells instead; `HANDSHAKE_FAILED` for nonsense.
 */
export function parseNoise(frame: Uint8Array): Uint8Array {
  if (frame[0] === FRAME.noise) return frame.subarray(1);
  if (frame[0] !== FRAME.alert) throw notOurs();
  const [name = "", ...words] = printable(frame.subarray(1, 1 + MAX_ALERT_BYTES)).split(" ");
  const code = ALERT_CODES.find((each) => each === name) ?? "HANDSHAKE_FAILED";
  const message = `the other side says, unproven: ${words.join(" ")}`;
  throw new SealwireError(code, message, { details: UNPROVEN });
}

/** The codes that may be told before anything is sealed; whoever is on the way can tell them. */
export const ALERT_CODES: readonly ErrorCode[] = Object.freeze([
  "HANDSHAKE_FAILED",
  "UNSUPPORTED",
  "UNAUTHENTICATED",
]);

const MAX_ALERT_BYTES = 512;
const PATTERN_NAMES: readonly PatternName[] = ["NK", "XK", "XX", "NNpsk0", "resume"];

/** Anybody may have written it, and it may end up on a terminal: no control characters. */
function printable(bytes: Uint8Array): string {
  return (decodeUtf8(bytes) ?? "").replace(/[\p{C}\p{Z}]/gu, " ");
}

function notOurs(): SealwireError {
  return new SealwireError("HANDSHAKE_FAILED", "the other side does not speak Sealwire's language");
}

function unsupported(what: string): SealwireError {
  return new SealwireError("UNSUPPORTED", `the client asks for ${what}`);
}
