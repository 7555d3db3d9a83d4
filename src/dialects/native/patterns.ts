import type { NoisePattern, Token } from "../../crypto/noise-patterns.ts";
import type { PatternName } from "./preface.ts";

const SEALED: readonly Token[] = ["e", "es"];
const AGREED: readonly Token[] = ["e", "ee"];
const PROVEN: readonly Token[] = ["s", "se"];
const SERVER_KNOWN = { initiator: false, responder: true };
const NOBODY_KNOWN = { initiator: false, responder: false };
const SHARED: NoisePattern = {
  name: "NNpsk0",
  known: NOBODY_KNOWN,
  messages: [["psk", "e"], AGREED],
  psks: 1,
};

/**
 * The handshakes of this wire, taken apart as `noisePattern` would: so a page does not bring
 * the table of all others. A test holds the two beside each other.
 */
export const NATIVE_PATTERNS: Readonly<Record<PatternName, NoisePattern>> = {
  NK: { name: "NK", known: SERVER_KNOWN, messages: [SEALED, AGREED], psks: 0 },
  XK: { name: "XK", known: SERVER_KNOWN, messages: [SEALED, AGREED, PROVEN], psks: 0 },
  XX: {
    name: "XX",
    known: NOBODY_KNOWN,
    messages: [["e"], ["e", "ee", "s", "es"], PROVEN],
    psks: 0,
  },
  NNpsk0: SHARED,
  resume: SHARED,
};
