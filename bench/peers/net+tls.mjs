/** The yardstick over TLS 1.3, full handshakes. */
import { streamPeer } from "../stream-peer.mjs";

export const { serve, connect } = streamPeer({ secured: true });
