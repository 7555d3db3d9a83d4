// Imports nothing, so that a page loads this file alone when it needs it.

/**
 * How many bits of chance a secret seems to have. An estimate, careful to the low side: repeats
 * and sequences count once, words little. It cannot know that a secret was published.
 */
export function secretBits(secret: Uint8Array | string): number {
  const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  const text = printable(bytes);
  const bitsEach = text === undefined ? 8 : bitsPerCharacter(text);
  return countFresh(bytes.subarray(0, MAX_LOOKED_AT_BYTES)) * bitsEach;
}

/** Far more than any strong secret needs; the search for repeats is quadratic. */
const MAX_LOOKED_AT_BYTES = 256;
/** Shorter repeats and sequences occur by chance. */
const PATTERN_LENGTH = 6;

function printable(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return /^\P{Cc}*$/u.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function bitsPerCharacter(text: string): number {
  if (/^\d*$/.test(text)) return Math.log2(10);
  if (/^(?:[0-9a-f]*|[0-9A-F]*)$/.test(text)) return 4;
  if (readsLikeWords(text)) return 1.5;
  return Math.log2(alphabetSize(text));
}

function alphabetSize(text: string): number {
  const mixed = /[a-z]/.test(text) && /[A-Z]/.test(text);
  // Letters in both cases are base62 or base64, whether or not a digit happened to occur.
  if (mixed) return 62;
  return 26 + (/\d/.test(text) ? 6 : 0);
}

/**
 * Words hold many of the commonest pairs of letters (nearly half, by chance one in eight) and
 * seldom change between upper case, lower case and digits (by chance two times out of three).
 */
function readsLikeWords(text: string): boolean {
  let letterPairs = 0;
  let commonPairs = 0;
  let changes = 0;
  for (let at = 1; at < text.length; at++) {
    const pair = text.slice(at - 1, at + 1);
    if (/^[a-z]{2}$/i.test(pair)) letterPairs++;
    if (COMMON_PAIRS.has(pair.toLowerCase())) commonPairs++;
    if (kindOf(pair[0]) !== kindOf(pair[1])) changes++;
  }
  return commonPairs > 0.3 * letterPairs && changes < 0.5 * (text.length - 1);
}

function kindOf(character = ""): string {
  if (/[a-z]/.test(character)) return "lower";
  if (/[A-Z]/.test(character)) return "upper";
  return /\d/.test(character) ? "digit" : "other";
}

const COMMON_PAIRS: ReadonlySet<string> = new Set(
  (
    "th he in er an re nd on en at ou ed ha to or it is hi es ng st ar te se le of ve me de ea " +
    "ra ro ri io ic al as ll ti ch co be ma si om ur ei ie ge un di ne ss el la ta nt ho wo rs " +
    "ad ap tr ba us"
  ).split(" "),
);

/** Counts what neither repeats an earlier part nor goes on with a sequence such as `456789`. */
function countFresh(bytes: Uint8Array): number {
  let fresh = 0;
  let steady = 0;
  for (let at = 0; at < bytes.length; at++) {
    steady = stepAt(bytes, at) === stepAt(bytes, at - 1) ? steady + 1 : 0;
    if (steady < PATTERN_LENGTH - 2 && !repeats(bytes, at)) fresh++;
  }
  return fresh;
}

function stepAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) - (bytes[at - 1] ?? 0);
}

/** Whether the bytes that end here have stood together before. */
function repeats(bytes: Uint8Array, at: number): boolean {
  const from = at - PATTERN_LENGTH + 1;
  if (from < 1) return false;
  for (let earlier = 0; earlier < from; earlier++) {
    let same = 0;
    while (same < PATTERN_LENGTH && bytes[earlier + same] === bytes[from + same]) same++;
    if (same === PATTERN_LENGTH) return true;
  }
  return false;
}
