/** The yardstick: one write a message. */
import { streamPeer } from "../stream-peer.mjs";

export const { serve, connect } = streamPeer({});
