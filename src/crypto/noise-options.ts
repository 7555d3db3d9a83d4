import { SealwireError } from "../core/model/errors.ts";
import type { KeyPair } from "./keys.ts";
import { checkKey } from "./lengths.ts";
import type { NoisePattern } from "./noise-patterns.ts";
import type { CryptoProvider } from "./provider.ts";

/** What one side brings to a handshake. */
export interface NoiseOptions {
  /** Such as `noisePattern("XK")`; both sides must take the same. */
  readonly pattern: NoisePattern;
  readonly initiator: boolean;
  /** What both sides must agree about beforehand; if they do not, no message opens. */
  readonly prologue: Uint8Array;
  readonly provider: CryptoProvider;
  /** Ours, where the pattern has our side prove itself. */
  readonly staticKeys?: KeyPair | undefined;
  /** Theirs, where the pattern has us know it beforehand. */
  readonly remoteStatic?: Uint8Array | undefined;
  /** Fixed ones make a handshake repeatable, which only tests may want. */
  readonly ephemeralKeys?: KeyPair | undefined;
  /** Pre-shared keys of 32 bytes, one for each modifier of the pattern's name. */
  readonly psks?: readonly Uint8Array[] | undefined;
}

/** @throws `INVALID_ARGUMENT` when a key that the pattern needs is missing or has no 32 bytes */
export function checkNoiseOptions(options: NoiseOptions): void {
  const { pattern, initiator, staticKeys, remoteStatic, psks = [] } = options;
  const sent = pattern.messages.some(
    (tokens, index) => (index % 2 === 0) === initiator && tokens.includes("s"),
  );
  const { known } = pattern;
  const [oursKnown, theirsKnown] = initiator
    ? [known.initiator, known.responder]
    : [known.responder, known.initiator];
  if ((sent || oursKnown) && staticKeys === undefined) throw missing(pattern, "our static keys");
  if (theirsKnown !== (remoteStatic !== undefined)) {
    const what = theirsKnown ? "the static key of the other side" : "no static key beforehand";
    throw missing(pattern, what);
  }
  if (psks.length !== pattern.psks) throw missing(pattern, `${pattern.psks} pre-shared keys`);
  if (staticKeys !== undefined) checkKey(staticKeys.publicKey, "our static public key");
  if (remoteStatic !== undefined) checkKey(remoteStatic, "the static key of the other side");
  for (const psk of psks) checkKey(psk, "a pre-shared key");
}

function missing(pattern: NoisePattern, what: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", `pattern ${pattern.name} takes ${what}`);
}
