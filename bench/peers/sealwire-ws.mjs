/** The same over WebSocket. */
import { sealwirePeer } from "../sealwire-peer.mjs";

export const { serve, connect } = sealwirePeer("ws");
