import { Inbox } from "../bytes/inbox.ts";
import type { Channel, Listener, Transport } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { randomBytes } from "../crypto/random.ts";
import { Answerer } from "./answering.ts";
import { callPeer } from "./calling.ts";
import type { PairingKeys } from "./pairing-keys.ts";
import { Registration } from "./registration.ts";
import type { ServiceAddress } from "./rendezvous-address.ts";
import { ID_BYTES } from "./service-datagram.ts";
import type { OnStatus } from "./status.ts";
import type { PeerSurroundings } from "./surroundings.ts";

/** What a transport between holders of one key needs. */
export interface PeerTransportParts {
  readonly surroundings: PeerSurroundings;
  readonly address: ServiceAddress;
  readonly keys: PairingKeys;
  readonly onStatus: OnStatus;
  /** Sessions at once on the side that listens; offers beyond are dropped. */
  readonly maxSessions: number;
}

/**
 * Channels between those who hold the same key, wherever they are. Whoever listens is registered at
 * the rendezvous; whoever connects finds one of those who listen. Addresses play no part. Nothing
 * is sealed here beside the probes: that is the dialect's, with the secret of the same key.
 */
export function peerTransport(parts: PeerTransportParts): Transport {
  const { surroundings, address, keys, onStatus, maxSessions } = parts;
  const takeTurn = turns();
  return {
    scheme: "peer",
    connect: (_, { signal }) =>
      callPeer({ surroundings, address, keys, takeTurn, onStatus, signal }),
    async listen(url) {
      const arrivals = new Inbox<Channel>({ maxWaiting: maxSessions });
      const peer = randomBytes(ID_BYTES);
      const answerer = new Answerer({
        ...{ surroundings, address, keys, peer, takeTurn, onStatus, maxSessions },
        answer: (offer, sealed) => registration.tell("answer", offer, sealed),
        onForgotten: () => registration.renew(),
        expectsNoUdp: () => registration.kind === "ws",
        take: (channel) => void arrivals.put(channel),
      });
      const registration = new Registration({
        ...{ surroundings, address, topic: keys.topic, peer },
        onSignal: (signal) => answerer.take(signal),
        onTrouble: (error) => onStatus({ status: "ERROR", error }, LISTENING),
      });
      await registration.open();
      return listenerOf(url, arrivals, async () => {
        answerer.close();
        await registration.close();
      });
    },
  };
}

/** Hundreds of sockets and thousands of guesses are for one session at a time. */
function turns(): () => (() => void) | undefined {
  let taken = false;
  return () => {
    if (taken) return undefined;
    taken = true;
    return () => {
      taken = false;
    };
  };
}

/** The place of a session's name where the status is of listening itself. */
const LISTENING = "listening";

function listenerOf(address: URL, arrivals: Inbox<Channel>, close: () => Promise<void>): Listener {
  return {
    address,
    async close() {
      if (arrivals.ended) return;
      arrivals.end();
      const reason = new SealwireError("UNAVAILABLE", "this peer does not listen any more");
      for (const channel of arrivals.drain()) void channel.close(reason);
      await close();
    },
    [Symbol.asyncIterator]: () => arrivals,
  };
}
