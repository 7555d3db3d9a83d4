import type { Clock } from "../core/contracts/clock.ts";
import type { DatagramSocket, Endpoint } from "../core/contracts/datagram-socket.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { endpointKey } from "./endpoint-bytes.ts";
import { isServiceMessage, MAX_DATAGRAM_BYTES } from "./service-datagram.ts";
import { type Forwarded, ServiceLink } from "./service-link.ts";

/** What a bridge joins. */
export interface BridgeParts {
  readonly clock: Clock;
  readonly channel: Channel;
  /** A socket on loopback, and whose datagrams it takes: those of the session's own socket. */
  readonly loopback?: { readonly socket: DatagramSocket; readonly peer: Endpoint };
  readonly onSignal?: (signal: Forwarded) => void;
  readonly onEnd?: () => void;
}

/** A WebSocket to a service, for networks that let no UDP through. */
export interface WebSocketBridge {
  readonly link: ServiceLink;
  close(): Promise<void>;
}

/**
 * Each message of the WebSocket is one datagram. Those of the service go to the link; all others are
 * handed to the session's socket over loopback and back, so that to a stream the relay behind the
 * WebSocket is an address like any other.
 */
export function bridgeWebSocket(parts: BridgeParts): WebSocketBridge {
  const { clock, channel, loopback, onSignal } = parts;
  const send = (bytes: Uint8Array) => void channel.write([bytes]);
  const link = new ServiceLink({ clock, send, ...(onSignal && { onSignal }) });
  // A full WebSocket loses datagrams as a full network does, instead of keeping them for ever.
  let full = false;
  loopback?.socket.receive((bytes, from) => {
    if (full || endpointKey(from) !== endpointKey(loopback.peer)) return;
    const room = channel.write([bytes]);
    full = room !== undefined;
    void room?.then(() => {
      full = false;
    });
  });
  void pump(parts, link);
  return {
    link,
    async close() {
      link.close();
      await Promise.all([channel.close(), loopback?.socket.close()]);
    },
  };
}

async function pump({ channel, loopback, onEnd }: BridgeParts, link: ServiceLink): Promise<void> {
  try {
    for await (const bytes of channel) {
      if (isServiceMessage(bytes)) link.take(bytes);
      else if (bytes.length <= MAX_CARRIED_BYTES) loopback?.socket.send(bytes, loopback.peer);
    }
  } catch {
    // The loss of the WebSocket is told by what does not answer any more.
  }
  onEnd?.();
}

/** Larger than any datagram of a stream; a service must not make us send what no network carries. */
const MAX_CARRIED_BYTES: number = MAX_DATAGRAM_BYTES + 800;
