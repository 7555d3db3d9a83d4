import { createHash, createHmac } from "node:crypto";
import { equalBytes } from "../../bytes/equal.ts";
import { type PathControl, PROOF_BYTES, provenPart } from "./control.ts";

/** Proves what one side says of the path, and checks what the other says. */
export interface PathProof {
  prove(control: Omit<PathControl, "proof">): PathControl;
  holds(control: PathControl): boolean;
}

/**
 * Proofs under the secret of a channel. Which side speaks is part of the proof, so that nobody can
 * send a datagram back to where it came from.
 */
export function pathProof(secret: Uint8Array, initiator: boolean): PathProof {
  return {
    prove: (control) => ({ ...control, proof: macOf(secret, initiator, control) }),
    holds: (control) => equalBytes(control.proof, macOf(secret, !initiator, control)),
  };
}

/** The secret of a channel that was opened here, from the halves of both sides. */
export function channelSecret(initiatorHalf: Uint8Array, acceptorHalf: Uint8Array): Uint8Array {
  const hash = createHash("sha256").update("sealwire udp path");
  return plain(hash.update(initiatorHalf).update(acceptorHalf).digest());
}

/** The number of a later stream of a channel, at one side: epoch 0 has those that were agreed. */
export function laterStream(secret: Uint8Array, ofInitiator: boolean, epoch: number): number {
  const mac = createHmac("sha256", secret).update(`stream ${ofInitiator ? 1 : 2} ${epoch}`);
  // 0 names no stream.
  return mac.digest().readUInt32BE(0) || 1;
}

/** What goes into the checks of what one side sends: who does not know it meets none by chance. */
export function checkSeed(secret: Uint8Array, ofInitiator: boolean): number {
  const mac = createHmac("sha256", secret).update(`check ${ofInitiator ? 1 : 2}`);
  return mac.digest().readUInt32BE(0);
}

function macOf(
  secret: Uint8Array,
  fromInitiator: boolean,
  control: Omit<PathControl, "proof">,
): Uint8Array {
  const mac = createHmac("sha256", secret).update(`${control.kind} ${fromInitiator ? 1 : 2} `);
  return plain(mac.update(provenPart(control)).digest()).subarray(0, PROOF_BYTES);
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
