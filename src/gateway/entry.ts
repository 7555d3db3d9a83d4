import { encodeUtf8 } from "../bytes/text.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import type { Admission } from "./admission.ts";
import type { ClientFrame } from "./client-frame.ts";
import type { FrameReader } from "./frame-reader.ts";
import type { GatewaySettings } from "./options.ts";
import type { LinkQuery } from "./query.ts";
import type { TargetGuard } from "./targets.ts";

/** What is known of a client when its WebSocket opens. */
export interface EntryParts {
  readonly query: LinkQuery;
  readonly remote: string;
  readonly admission: Admission;
  readonly guard: TargetGuard;
  readonly settings: GatewaySettings;
  /** Whether a link is only made with a key, used or not: the original asks for one. */
  readonly keyRequired: boolean;
  /** Proven by the request; absent: the first frame must do it. */
  readonly principal?: Principal | undefined;
  /** From the query or from the ticket. */
  readonly key?: string | undefined;
  readonly authenticate?: boolean | undefined;
  /** Where the link leads, if that was judged before. */
  readonly target?: Endpoint | undefined;
}

/** Who uses the proxy, and for what. */
export interface Entry {
  readonly principal: Principal;
  readonly target: Endpoint;
  readonly key: string | undefined;
  /** What the peer must prove to know. */
  readonly secret: Uint8Array | undefined;
}

/**
 * What the request did not say comes in the first frame, so that no key need stand in an address.
 *
 * @throws `UNAUTHENTICATED` without a proof in time, `PERMISSION_DENIED` for a forbidden target.
 */
export async function enter(parts: EntryParts, frames: FrameReader): Promise<Entry> {
  const { admission, query, guard, settings, remote } = parts;
  const always = query.mode === "udp";
  const wanted = always || (parts.authenticate ?? query.authenticate ?? settings.authenticate);
  const keyWanted = parts.keyRequired || wanted;
  const complete = parts.principal && (parts.key !== undefined || !keyWanted);
  const auth = complete ? undefined : await firstFrame(frames, settings.limits.authTimeoutMs);
  const principal = parts.principal ?? (await provenBy(admission, auth, remote));
  const key = auth?.encryptionKey ?? parts.key;
  if (key === undefined && keyWanted) throw noKey();
  const proven = always || (auth?.authenticate ?? wanted);
  const target = parts.target ?? (await guard(query.remoteHost, query.remotePort));
  const secret = proven && key !== undefined ? encodeUtf8(key) : undefined;
  return { principal, target, key, secret };
}

type AuthFrame = Extract<ClientFrame, { readonly kind: "auth" }>;

async function firstFrame(frames: FrameReader, timeoutMs: number): Promise<AuthFrame> {
  for (;;) {
    const frame = await frames.within(timeoutMs);
    if (frame?.kind === "auth") return frame;
    if (frame?.kind !== "nothing") throw proofDue();
  }
}

async function provenBy(
  admission: Admission,
  auth: AuthFrame | undefined,
  remote: string,
): Promise<Principal> {
  if (auth?.apiKey === undefined && !admission.open) throw proofDue();
  return admission.byKey(auth?.apiKey ?? "", remote);
}

function proofDue(): SealwireError {
  const message =
    'the first frame must be {"type":"auth"} with encryption_key, ' +
    "and with api_key where the proxy asks for one";
  return new SealwireError("UNAUTHENTICATED", message);
}

function noKey(): SealwireError {
  const message = "encryption_key is missing; give it in the query, a ticket or the frame auth";
  return new SealwireError("INVALID_ARGUMENT", message);
}
