import { encodeHex } from "../bytes/text.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { randomBytes } from "../crypto/random.ts";
import { insist } from "./insist.ts";
import { type PairingKeys, sessionKeys } from "./pairing-keys.ts";
import type { ServiceAddress } from "./rendezvous-address.ts";
import { type Offer, openOffer, sealOffer } from "./sealed-offer.ts";
import { TOKEN_BYTES } from "./service-datagram.ts";
import type { Forwarded } from "./service-link.ts";
import { PeerSession } from "./session.ts";
import { openGround } from "./session-ground.ts";
import type { OnStatus, PeerStatus } from "./status.ts";
import { streamNumber } from "./stream-number.ts";
import type { PeerSurroundings } from "./surroundings.ts";

/** What answering needs. */
export interface Answering {
  readonly surroundings: PeerSurroundings;
  readonly address: ServiceAddress;
  readonly keys: PairingKeys;
  /** Our number at the rendezvous. */
  readonly peer: Uint8Array;
  /** Sends a sealed answer to who has offered. */
  readonly answer: (offer: Forwarded, sealed: Uint8Array) => void;
  /** The rendezvous was reached by WebSocket alone. */
  readonly expectsNoUdp: () => boolean;
  /** A relay has forgotten a session of ours, and the rendezvous us perhaps. */
  readonly onForgotten: () => void;
  readonly take: (channel: Channel) => void;
  readonly takeTurn: () => (() => void) | undefined;
  readonly onStatus: OnStatus;
  readonly maxSessions: number;
}

/** One pairing from the side that was called. */
interface Answered {
  /** The same answer goes out again when the offer is repeated. */
  sealed: Uint8Array | undefined;
  session: PeerSession | undefined;
  /** It has a channel, which ends it. */
  open: boolean;
  readonly ended: AbortController;
}

/** The other side's wish to begin together may be lost; then we begin after so long. */
const SYNC_WAIT_MS = 250;
/** The answer is said until the other side is heard. */
const REPEAT_ANSWER_MS = [150, 200, 300, 500];
/** A session that has no path by then is given up. */
const PATH_MS = 35_000;
/** So many sessions that ended are remembered, lest an old offer make one again. */
const MAX_REMEMBERED = 1_024;

/** Answers offers of those who hold the key, each with a session of its own. */
export class Answerer {
  readonly #answering: Answering;
  readonly #sessions = new Map<string, Answered>();
  readonly #over = new Set<string>();
  #closed = false;
  /** Offers without effect: forged, repeated after their end, or too many. */
  dropped = 0;

  constructor(answering: Answering) {
    this.#answering = answering;
  }

  /** Takes a signal of another peer. */
  take(forwarded: Forwarded): void {
    const name = encodeHex(forwarded.session);
    const known = this.#sessions.get(name);
    if (forwarded.signal === "sync") {
      if (known) return known.session?.together();
      return this.#disown(forwarded);
    }
    if (forwarded.signal !== "offer") return;
    if (known) {
      if (known.sealed) this.#answering.answer(forwarded, known.sealed);
      return;
    }
    const other = this.#closed || this.#over.has(name) ? undefined : this.#offerIn(forwarded);
    if (!other || this.#sessions.size >= this.#answering.maxSessions) {
      this.dropped++;
      return;
    }
    const answered = {
      ...{ sealed: undefined, session: undefined, open: false },
      ended: new AbortController(),
    };
    this.#sessions.set(name, answered);
    void this.#meet(name, answered, forwarded, other);
  }

  /** Ends those that have no channel yet, and takes no more. Channels stay. */
  close(): void {
    this.#closed = true;
    const reason = new SealwireError("CANCELLED", "this peer does not listen any more");
    for (const { ended, open } of this.#sessions.values()) if (!open) ended.abort(reason);
  }

  /** Says, to who asks, that this session is none of ours: an answer that offers nothing. */
  #disown(forwarded: Forwarded): void {
    const { keys, peer, surroundings } = this.#answering;
    const { session, topic } = forwarded;
    const nothing = { stream: 1, nat: "unknown", candidates: [] } as const;
    const own = { nonce: randomBytes(TOKEN_BYTES), ...nothing };
    const context = { signal: "answer", topic, from: peer, session } as const;
    const sealed = sealOffer(own, context, keys, surroundings.crypto);
    this.#answering.answer(forwarded, sealed);
  }

  #offerIn({ topic, from, session, sealed }: Forwarded): Offer | undefined {
    const { keys, surroundings } = this.#answering;
    try {
      const context = { signal: "offer", topic, from, session } as const;
      return openOffer(sealed, context, keys, surroundings.crypto);
    } catch {
      return undefined;
    }
  }

  async #meet(name: string, answered: Answered, offer: Forwarded, other: Offer): Promise<void> {
    const { surroundings, take, onStatus } = this.#answering;
    const { clock } = surroundings;
    const { signal } = answered.ended;
    const late = new SealwireError("UNAVAILABLE", `no path to the peer within ${PATH_MS} ms`);
    const cancel = clock.after(PATH_MS, () => answered.ended.abort(late));
    try {
      const session = await this.#begin(name, answered, offer, other);
      answered.session = session;
      signal.addEventListener("abort", () => void session.close(signal.reason), { once: true });
      if (signal.aborted) void session.close(signal.reason);
      session.ended.then(() => this.#forget(name));
      const channel = await session.channel;
      answered.open = true;
      take(channel);
    } catch (thrown) {
      const error = SealwireError.from(thrown, "UNAVAILABLE");
      onStatus({ status: "ERROR", error }, name);
      if (answered.session || signal.aborted) this.#forget(name);
      // The rendezvous was not reached: whoever still offers may have better luck.
      else this.#sessions.delete(name);
    } finally {
      cancel();
    }
  }

  async #begin(
    name: string,
    answered: Answered,
    offer: Forwarded,
    other: Offer,
  ): Promise<PeerSession> {
    const { surroundings, address, keys, peer } = this.#answering;
    const { signal } = answered.ended;
    const session = offer.session.slice();
    const onStatus = (status: PeerStatus) => this.#answering.onStatus(status, name);
    const onBound: Parameters<typeof openGround>[0]["onBound"] = (local) =>
      onStatus({ status: "CONNECTED", local });
    const ground = await openGround({
      ...{ surroundings, address, signal, onBound },
      expectsNoUdp: this.#answering.expectsNoUdp(),
    });
    const { nat, candidates } = ground;
    const own = { nonce: randomBytes(TOKEN_BYTES), stream: streamNumber(), nat, candidates };
    const salt = { session, callerNonce: other.nonce, listenerNonce: own.nonce };
    const sealing = sessionKeys(keys, salt, surroundings.crypto);
    const parts = { surroundings, ground, keys, session, sealing, own, other, onStatus, signal };
    const { takeTurn, onForgotten } = this.#answering;
    const asked = { role: "listener", relay: other.relay, takeTurn, onForgotten } as const;
    const paired = new PeerSession({ ...parts, ...asked });
    const context = { signal: "answer", topic: keys.topic, from: peer, session } as const;
    answered.sealed = sealOffer(own, context, keys, surroundings.crypto);
    this.#insist(paired, offer, answered.sealed);
    surroundings.clock.after(SYNC_WAIT_MS, () => paired.start());
    return paired;
  }

  #insist(paired: PeerSession, offer: Forwarded, sealed: Uint8Array): void {
    insist({
      ...{ clock: this.#answering.surroundings.clock, pausesMs: REPEAT_ANSWER_MS },
      say: () => this.#answering.answer(offer, sealed),
      isOver: () => paired.isHeard,
    });
  }

  #forget(name: string): void {
    this.#sessions.delete(name);
    this.#over.add(name);
    const [oldest] = this.#over;
    if (this.#over.size > MAX_REMEMBERED && oldest !== undefined) this.#over.delete(oldest);
  }
}
