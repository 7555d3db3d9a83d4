/** The yardstick with one system call a tick. */
import { streamPeer } from "../stream-peer.mjs";

export const { serve, connect } = streamPeer({ gather: true });
