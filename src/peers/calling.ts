import { equalBytes } from "../bytes/equal.ts";
import { encodeHex } from "../bytes/text.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { randomBytes } from "../crypto/random.ts";
import { insist } from "./insist.ts";
import { type PairingKeys, sessionKeys } from "./pairing-keys.ts";
import type { ServiceAddress } from "./rendezvous-address.ts";
import { type Offer, openOffer, sealOffer } from "./sealed-offer.ts";
import { ID_BYTES, TOKEN_BYTES } from "./service-datagram.ts";
import type { Asked, Forwarded } from "./service-link.ts";
import type { ServiceReply } from "./service-replies.ts";
import { PeerSession } from "./session.ts";
import { openGround, type SessionGround } from "./session-ground.ts";
import type { OnStatus, PeerStatus } from "./status.ts";
import { streamNumber } from "./stream-number.ts";
import type { PeerSurroundings } from "./surroundings.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** Who is called, and through whom. */
export interface Calling {
  readonly surroundings: PeerSurroundings;
  readonly address: ServiceAddress;
  readonly keys: PairingKeys;
  readonly takeTurn: () => (() => void) | undefined;
  readonly onStatus: OnStatus;
  readonly signal: AbortSignal;
}

/**
 * Pauses before the offer is repeated, for an answer that was lost or a peer that is late. Offer and
 * answer cross two bad networks each: in the first second it is said often.
 */
const REPEAT_OFFER_MS = [150, 200, 200, 300, 400, 600, 800, 1_000];
/** That we begin is said until the other side is heard. */
const REPEAT_SYNC_MS = [100, 200, 300, 500];
const REGISTER_MS = 5_000;
/** Whoever waits for a peer stays registered, also where the rendezvous has begun anew. */
const RENEW_MS = 5_000;

/**
 * Calls the other holder of the key: offers, tries all addresses and gives a channel over the first
 * path that answers. Waits until the other side is there, or the signal ends it.
 */
export async function callPeer(calling: Calling): Promise<Channel> {
  const { surroundings, address, signal } = calling;
  const session = randomBytes(ID_BYTES);
  const name = encodeHex(session);
  const onStatus = (status: PeerStatus) => calling.onStatus(status, name);
  const answers = new Answers();
  onStatus({ status: "UDP_WAITING", phase: "rendezvous" });
  const ground = await openGround({
    ...{ surroundings, address, signal },
    onSignal: (forwarded) => answers.take(forwarded, name),
    onBound: (local) => onStatus({ status: "CONNECTED", local }),
  });
  try {
    const { paired, bye } = await pair({ calling, ground, session, answers, onStatus });
    const channel = await opened(paired, signal);
    bye();
    return channel;
  } catch (thrown) {
    await ground.close();
    throw thrown;
  }
}

/** A session, and what frees our place at the rendezvous. */
interface Paired {
  readonly paired: PeerSession;
  readonly bye: () => void;
}

interface Pairing {
  readonly calling: Calling;
  readonly ground: SessionGround;
  readonly session: Uint8Array;
  readonly answers: Answers;
  readonly onStatus: (status: PeerStatus) => void;
}

/** Registers, exchanges offers, and begins together with the other side. */
async function pair(pairing: Pairing): Promise<Paired> {
  const { calling, ground, session, answers, onStatus } = pairing;
  const { surroundings, keys, signal, takeTurn } = calling;
  const { link } = ground.reach;
  const peer = randomBytes(ID_BYTES);
  const asked = { kind: "register", topic: keys.topic, peer, listens: false, session } as const;
  const reply = await unlessAborted(link.ask(asked, REGISTER_MS), signal);
  const own = offerOf(ground, reply);
  onStatus({ status: "UDP_WAITING", phase: "offer" });
  const { other, from } = await exchange({ calling, ground, asked, own, answers });
  const salt = { session, callerNonce: own.nonce, listenerNonce: other.nonce };
  const sealing = sessionKeys(keys, salt, surroundings.crypto);
  const sync = { kind: "signal", signal: "sync", topic: keys.topic, from: peer, session } as const;
  const tellSync = (to: Uint8Array) => link.tell({ ...sync, to, sealed: new Uint8Array() });
  const parts = { surroundings, ground, keys, session, sealing, own, other, onStatus, signal };
  const paired = new PeerSession({
    ...{ ...parts, takeTurn, role: "caller", relay: own.relay },
    inquire() {
      // The lease of a call that lasts has run out long ago.
      const again = link.ask(asked, REGISTER_MS);
      again.then(() => tellSync(EVERYBODY)).catch(() => {});
    },
  });
  answers.onAnswer((forwarded) => {
    // Who was killed and runs again says that it does not know us: no need to wait for the rest.
    const isOther = !equalBytes(forwarded.from, from) && answerIn(forwarded, calling);
    if (isOther && paired.isBroken) paired.giveUp();
  });
  insist({
    ...{ clock: surroundings.clock, pausesMs: REPEAT_SYNC_MS },
    say: () => tellSync(from),
    isOver: () => paired.isHeard,
  });
  // The other side begins when the signal arrives, half a round trip from now: so do we, and
  // both routers are open before the first datagram comes from outside.
  surroundings.clock.after(link.roundTripMs / 2, () => paired.start());
  return { paired, bye: () => link.tell({ kind: "bye", topic: keys.topic, peer }) };
}

const EVERYBODY: Uint8Array = new Uint8Array(ID_BYTES);

/** Waits for the channel of a session, which ends when nobody wants it any more. */
async function opened(paired: PeerSession, signal: AbortSignal): Promise<Channel> {
  const abort = () => void paired.close(SealwireError.from(signal.reason, "CANCELLED"));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await paired.channel;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function offerOf({ nat, candidates }: SessionGround, reply: ServiceReply): Offer {
  const registered = reply.kind === "registered" ? reply : undefined;
  const { reservation, relay: address = "" } = registered ?? {};
  const relay = reservation && { reservation, address };
  return { nonce: randomBytes(TOKEN_BYTES), stream: streamNumber(), nat, candidates, relay };
}

interface Exchange {
  readonly calling: Calling;
  readonly ground: SessionGround;
  /** What we have registered with. */
  readonly asked: Asked & { readonly kind: "register" };
  readonly own: Offer;
  readonly answers: Answers;
}

/** Sends the offer until somebody answers who holds the key. */
function exchange(exchanging: Exchange): Promise<{ other: Offer; from: Uint8Array }> {
  const { calling, ground, asked, own, answers } = exchanging;
  const { surroundings, keys, signal } = calling;
  const { session, peer } = asked;
  const { clock, crypto } = surroundings;
  const context = { signal: "offer", topic: keys.topic, from: peer, session } as const;
  const sealed = sealOffer(own, context, keys, crypto);
  const told = { ...context, kind: "signal", to: EVERYBODY, sealed } as const;
  const answered = new Promise<{ other: Offer; from: Uint8Array }>((resolve) => {
    answers.onAnswer((forwarded) => {
      const other = answerIn(forwarded, calling);
      if (other) resolve({ other, from: forwarded.from.slice() });
    });
  });
  const { link } = ground.reach;
  let registeredMs = clock.now();
  const say = () => {
    if (clock.now() - registeredMs >= RENEW_MS) {
      registeredMs = clock.now();
      link.ask(asked, RENEW_MS).catch(() => {});
    }
    link.tell(told);
  };
  const cancel = insist({ clock, pausesMs: REPEAT_OFFER_MS, endless: true, say });
  return unlessAborted(answered, signal).finally(cancel);
}

/** `undefined` for what somebody without the key has made up. */
function answerIn(forwarded: Forwarded, { keys, surroundings }: Calling): Offer | undefined {
  const { topic, from, session, sealed } = forwarded;
  try {
    const context = { signal: "answer", topic, from, session } as const;
    return openOffer(sealed, context, keys, surroundings.crypto);
  } catch {
    return undefined;
  }
}

/** Answers of one session; the first that opens counts. */
class Answers {
  #told: (answer: Forwarded) => void = () => {};

  onAnswer(told: (answer: Forwarded) => void): void {
    this.#told = told;
  }

  take(forwarded: Forwarded, session: string): void {
    if (forwarded.signal !== "answer" || encodeHex(forwarded.session) !== session) return;
    this.#told(forwarded);
  }
}
