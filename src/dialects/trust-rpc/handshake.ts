import { equalBytes } from "../../bytes/equal.ts";
import { join } from "../../bytes/join.ts";
import { decodeUtf8, encodeHex, encodeUtf8 } from "../../bytes/text.ts";
import type { Acceptor, Initiator, Wire } from "../../core/contracts/dialect.ts";
import type { Credentials } from "../../core/model/credentials.ts";
import { SealwireError, UNPROVEN } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";
import { randomBytes } from "../../crypto/random.ts";
import { sha256 } from "../../crypto/sha256.ts";
import type { TrustRpcSettings } from "./options.ts";

const CHALLENGE_BYTES = 16;

/**
 * The accepting side: sends a challenge, judges the digest, says the verdict.
 *
 * @throws what the authenticator throws, after `FAIL` has been said
 */
export async function acceptTrustRpc(wire: Wire, acceptor: Acceptor): Promise<Principal> {
  const challenge = encodeUtf8(encodeHex(randomBytes(CHALLENGE_BYTES)));
  await wire.write(challenge);
  const digest = await wire.read();
  // A digest of another size is a mismatch like others: the original closes with FAIL as well.
  const matches = (secret: Uint8Array) => equalBytes(proofOf(challenge, secret), digest);
  const principal = await orFail(wire, acceptor.authenticate({ scheme: "proof", matches }));
  await wire.write(encodeUtf8("OK"));
  return principal;
}

/**
 * The connecting side: answers the challenge. The server proves nothing: whoever says `OK` is
 * believed, as the wire has it.
 *
 * @throws `UNAUTHENTICATED` without a TRUST_ID, before anything is sent, and when the server says
 * `FAIL`; `HANDSHAKE_FAILED` for a challenge or a verdict that is none
 */
export async function connectTrustRpc(
  wire: Wire,
  { credentials }: Initiator,
  { anyChallenge }: TrustRpcSettings,
): Promise<void> {
  const secret = secretOf(credentials);
  const challenge = await wire.read();
  if (!anyChallenge && !isUsualChallenge(challenge)) throw strangeChallenge(challenge.length);
  await wire.write(proofOf(challenge, secret));
  const verdict = decodeUtf8(await wire.read());
  if (verdict !== "OK") throw refused(verdict);
}

/** The challenge is hashed as the text that travels, not as the bytes it stands for. */
function proofOf(challenge: Uint8Array, secret: Uint8Array): Uint8Array {
  return sha256(join([challenge, secret]));
}

async function orFail(wire: Wire, judging: Promise<Principal>): Promise<Principal> {
  try {
    return await judging;
  } catch (thrown) {
    await wire.write(encodeUtf8("FAIL"));
    throw thrown;
  }
}

function secretOf(credentials: Credentials): Uint8Array {
  const secret =
    credentials.scheme === "password"
      ? encodeUtf8(credentials.password)
      : credentials.scheme === "secret"
        ? credentials.secret
        : new Uint8Array();
  if (secret.length > 0) return secret;
  throw new SealwireError(
    "UNAUTHENTICATED",
    `trust-rpc proves a TRUST_ID, and there is none in the credentials (${credentials.scheme}); ` +
      'give { scheme: "password", password: TRUST_ID }',
  );
}

function isUsualChallenge(challenge: Uint8Array): boolean {
  return /^[0-9a-f]{32}$/.test(decodeUtf8(challenge) ?? "");
}

function strangeChallenge(length: number): SealwireError {
  return new SealwireError(
    "HANDSHAKE_FAILED",
    `the challenge has ${length} bytes or other characters than the 32 hexadecimal ones that ` +
      "trust-rpc servers send; anyChallenge: true answers it all the same",
  );
}

function refused(verdict: string | undefined): SealwireError {
  const details = UNPROVEN;
  if (verdict === "FAIL") {
    const message = "the server refused this TRUST_ID; both sides must hold the same";
    return new SealwireError("UNAUTHENTICATED", message, { details });
  }
  const message = "the server said neither OK nor FAIL: it may speak another language";
  return new SealwireError("HANDSHAKE_FAILED", message, { details });
}
