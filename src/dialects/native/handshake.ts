import type { About } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";
import type { NoiseHandshake } from "../../crypto/noise.ts";
import { formatHello, type Hello } from "./greeting.ts";
import type { GreetingMap } from "./greeting-fields.ts";
import type { NativeSurroundings } from "./options.ts";
import type { Packing } from "./packing.ts";
import type { RecordLayer } from "./record.ts";
import { NativeSession } from "./session.ts";

// The two sides of the greeting stand in accept.ts and connect.ts; here is what they share.

/**
 * Reads a message of the handshake. This version says nothing in them, so that nothing can be
 * said by somebody who is not proven yet.
 *
 * @throws `HANDSHAKE_FAILED` when it does not open or says something
 */
export async function readEmpty(noise: NoiseHandshake, message: Uint8Array): Promise<void> {
  const { length } = await noise.readMessage(message);
  if (length === 0) return;
  throw new SealwireError("HANDSHAKE_FAILED", "a handshake message says more than it may");
}

/** What we say of ourselves, as it is and as a map. */
export function helloOf(
  side: { readonly about: About; readonly maxFrameBytes: number },
  { compression }: NativeSurroundings,
  resume: boolean,
): { readonly hello: Hello; readonly map: GreetingMap } {
  const features = [...(compression ? [compression.name] : []), ...(resume ? [RESUME] : [])];
  const maxFrameBytes = Math.min(side.maxFrameBytes, MAX_FRAME_BYTES);
  const hello = { about: side.about, maxFrameBytes, features };
  return { hello, map: formatHello(hello) };
}

/** The feature of sessions that may go on over another channel. */
export const RESUME = "resume";

/** What both sides have when the greeting is over. */
export interface GreetingEnd {
  readonly records: RecordLayer;
  readonly settings: NativeSurroundings;
  readonly connected: boolean;
  readonly principal?: Principal | undefined;
  readonly binding: Uint8Array;
  readonly ours: Hello;
  readonly theirs: Hello;
}

/** The session that follows from what both sides said. */
export async function sessionOf(end: GreetingEnd): Promise<NativeSession> {
  const { records, settings, connected, principal, binding, ours, theirs } = end;
  // Written out: what is spread gets a shape of its own for each session, and keeps it.
  return new NativeSession({
    records,
    settings,
    connected,
    principal,
    binding,
    about: theirs.about,
    maxSendBytes: theirs.maxFrameBytes,
    maxReceiveBytes: ours.maxFrameBytes,
    packing: await packingFor(settings, theirs),
  });
}

async function packingFor(
  settings: NativeSurroundings,
  { features }: Hello,
): Promise<Packing | undefined> {
  const { compression } = settings;
  if (!compression || !features.includes(compression.name)) return undefined;
  const { Packing } = await import("./packing.ts");
  return new Packing(compression, settings, settings.codecs());
}

/** What four bytes can count. */
const MAX_FRAME_BYTES = 0xffff_ffff;
