import type { Clock } from "../core/contracts/clock.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type Reach, reach } from "./reach.ts";
import { serviceAddress } from "./rendezvous-address.ts";
import type { Offer } from "./sealed-offer.ts";
import type { SessionGround } from "./session-ground.ts";
import type { PeerSurroundings } from "./surroundings.ts";

/** Room at a relay that both sides of a session use. */
export type RelayPromise = NonNullable<Offer["relay"]>;

/** What keeps a session bound at a relay. */
export interface RelayBinding {
  /** Binds anew at once: our address may have changed. */
  renew(): void;
  close(): Promise<void>;
}

/** What a binding is made of. */
export interface BindingParts {
  readonly surroundings: PeerSurroundings;
  readonly ground: SessionGround;
  readonly session: Uint8Array;
  /** 0 for the side that called. */
  readonly side: 0 | 1;
  readonly relay: RelayPromise;
  /** The relay answers; datagrams will pass through this reach. */
  readonly onReached: (through: Reach) => void;
  /** They do so now, if the other side is bound as well; again after `renew`. */
  readonly onBound: () => void;
  /** The relay does not know us any more, or not for longer. */
  readonly onRefused: () => void;
  readonly signal: AbortSignal;
}

/** Below the shortest life of a mapping that is common, thirty seconds, with one to lose. */
const RENEW_MS = 10_000;
const BIND_MS = 5_000;

/** Binds one side of a session at the relay and keeps it bound. */
export async function bindRelay(parts: BindingParts): Promise<RelayBinding> {
  const { surroundings, session, side, relay, onReached, onBound, onRefused } = parts;
  const reached = await relayReach(parts);
  onReached(reached);
  const { reservation } = relay;
  const bind = async (isUrgent: boolean): Promise<void> => {
    try {
      await reached.link.ask({ kind: "bind", session, side, reservation }, BIND_MS);
      if (isUrgent) onBound();
    } catch (thrown) {
      // A relay that does not answer is asked again; whether it passes on, the probes tell.
      if (SealwireError.from(thrown, "INTERNAL").code === "UNAUTHENTICATED") onRefused();
    }
  };
  const pace = renewing(surroundings.clock, bind);
  return {
    renew: pace.now,
    async close() {
      pace.stop();
      if (reached !== parts.ground.reach) await reached.close();
    },
  };
}

/** The relay is the service itself, or another one that is reached from the same socket. */
async function relayReach({ surroundings, ground, relay, signal }: BindingParts): Promise<Reach> {
  if (relay.address === "") return ground.reach;
  const { links, endpoint } = ground;
  const address = serviceAddress(relay.address);
  return reach({ surroundings, address, links, session: endpoint.address, signal });
}

function renewing(
  clock: Clock,
  renew: (isUrgent: boolean) => Promise<void>,
): { readonly now: () => void; readonly stop: () => void } {
  let cancel = () => {};
  let stopped = false;
  const again = (isUrgent: boolean) => {
    cancel();
    if (stopped) return;
    void renew(isUrgent);
    cancel = clock.after(RENEW_MS, () => again(false));
  };
  again(true);
  return {
    now: () => again(true),
    stop() {
      stopped = true;
      cancel();
    },
  };
}
