import { SealwireError } from "../core/model/errors.ts";

/** One step of a handshake message (Noise revision 34, section 7.1). */
export type Token = "e" | "s" | "ee" | "es" | "se" | "ss" | "psk";

/** A handshake pattern, taken apart. */
export interface NoisePattern {
  /** Its name as it stands in the protocol name, such as `"XK"` or `"NNpsk0+psk2"`. */
  readonly name: string;
  /** Whose static public key the other side has beforehand. */
  readonly known: { readonly initiator: boolean; readonly responder: boolean };
  /** What each message does; the initiator writes the first, third and fifth. */
  readonly messages: readonly (readonly Token[])[];
  /** How many pre-shared keys it takes, in the order of its name. */
  readonly psks: number;
}

/**
 * The pattern of that name, with pre-shared keys where its modifiers say so (section 9).
 *
 * @throws `INVALID_ARGUMENT` when there is none
 */
export function noisePattern(name: string): NoisePattern {
  const [, base = "", modifiers = ""] = /^([A-Z0-9]+)(psk\d(?:\+psk\d)*)?$/.exec(name) ?? [];
  const entry = PATTERNS.get(base);
  if (entry === undefined) throw unknownPattern(name);
  const [known, ...messages] = entry;
  const places = modifiers === "" ? [] : modifiers.split("+").map((text) => Number(text.slice(3)));
  if (new Set(places).size < places.length || places.some((place) => place > messages.length)) {
    throw unknownPattern(name);
  }
  return {
    name,
    known: { initiator: known.includes("i"), responder: known.includes("r") },
    messages: messages.map((message, index) => withPsks(message, index, places)),
    psks: places.length,
  };
}

/** `psk0` begins the first message, `pskN` ends message N. */
function withPsks(message: Message, index: number, places: readonly number[]): readonly Token[] {
  const before: readonly Token[] = index === 0 && places.includes(0) ? ["psk"] : [];
  const after: readonly Token[] = places.includes(index + 1) ? ["psk"] : [];
  return [...before, ...message, ...after];
}

type Message = readonly Token[];
/** Whose static key is known beforehand: the initiator's, the responder's; then the messages. */
type Entry = readonly [known: "" | "i" | "r" | "ir", ...messages: readonly Message[]];

/** Sections 7.4 (one way), 7.5 (the twelve others) and 18.1 (deferred). */
const PATTERNS: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ["N", ["r", ["e", "es"]]],
  ["K", ["ir", ["e", "es", "ss"]]],
  ["X", ["r", ["e", "es", "s", "ss"]]],

  ["NN", ["", ["e"], ["e", "ee"]]],
  ["NK", ["r", ["e", "es"], ["e", "ee"]]],
  ["NX", ["", ["e"], ["e", "ee", "s", "es"]]],
  ["XN", ["", ["e"], ["e", "ee"], ["s", "se"]]],
  ["XK", ["r", ["e", "es"], ["e", "ee"], ["s", "se"]]],
  ["XX", ["", ["e"], ["e", "ee", "s", "es"], ["s", "se"]]],
  ["KN", ["i", ["e"], ["e", "ee", "se"]]],
  ["KK", ["ir", ["e", "es", "ss"], ["e", "ee", "se"]]],
  ["KX", ["i", ["e"], ["e", "ee", "se", "s", "es"]]],
  ["IN", ["", ["e", "s"], ["e", "ee", "se"]]],
  ["IK", ["r", ["e", "es", "s", "ss"], ["e", "ee", "se"]]],
  ["IX", ["", ["e", "s"], ["e", "ee", "se", "s", "es"]]],

  ["NK1", ["r", ["e"], ["e", "ee", "es"]]],
  ["NX1", ["", ["e"], ["e", "ee", "s"], ["es"]]],
  ["X1N", ["", ["e"], ["e", "ee"], ["s"], ["se"]]],
  ["X1K", ["r", ["e", "es"], ["e", "ee"], ["s"], ["se"]]],
  ["XK1", ["r", ["e"], ["e", "ee", "es"], ["s", "se"]]],
  ["X1K1", ["r", ["e"], ["e", "ee", "es"], ["s"], ["se"]]],
  ["X1X", ["", ["e"], ["e", "ee", "s", "es"], ["s"], ["se"]]],
  ["XX1", ["", ["e"], ["e", "ee", "s"], ["es", "s", "se"]]],
  ["X1X1", ["", ["e"], ["e", "ee", "s"], ["es", "s"], ["se"]]],
  ["K1N", ["i", ["e"], ["e", "ee"], ["se"]]],
  ["K1K", ["ir", ["e", "es"], ["e", "ee"], ["se"]]],
  ["KK1", ["ir", ["e"], ["e", "ee", "se", "es"]]],
  ["K1K1", ["ir", ["e"], ["e", "ee", "es"], ["se"]]],
  ["K1X", ["i", ["e"], ["e", "ee", "s", "es"], ["se"]]],
  ["KX1", ["i", ["e"], ["e", "ee", "se", "s"], ["es"]]],
  ["K1X1", ["i", ["e"], ["e", "ee", "s"], ["se", "es"]]],
  ["I1N", ["", ["e", "s"], ["e", "ee"], ["se"]]],
  ["I1K", ["r", ["e", "es", "s"], ["e", "ee"], ["se"]]],
  ["IK1", ["r", ["e", "s"], ["e", "ee", "se", "es"]]],
  ["I1K1", ["r", ["e", "s"], ["e", "ee", "es"], ["se"]]],
  ["I1X", ["", ["e", "s"], ["e", "ee", "s", "es"], ["se"]]],
  ["IX1", ["", ["e", "s"], ["e", "ee", "se", "s"], ["es"]]],
  ["I1X1", ["", ["e", "s"], ["e", "ee", "s"], ["se", "es"]]],
]);

function unknownPattern(name: string): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `there is no handshake pattern ${JSON.stringify(name)}; use one such as "NK", "XK" or "NNpsk0"`,
  );
}
