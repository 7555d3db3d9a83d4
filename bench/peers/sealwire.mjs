/** Sealwire over TCP: Noise, API key proven without showing it, the server's key pinned. */
import { sealwirePeer } from "../sealwire-peer.mjs";

export const { serve, connect } = sealwirePeer("tcp");
