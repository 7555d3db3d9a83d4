import type { Channel } from "../core/contracts/transport.ts";
import type { PeerStream } from "./surroundings.ts";

/** A stream as the channel of a session: tells when something moves, and ends the session with it. */
export function peerChannel(
  stream: PeerStream,
  moved: () => void,
  end: () => Promise<void>,
): Channel {
  return {
    boundaries: stream.boundaries,
    get remote() {
      return stream.remote;
    },
    write(chunks, release) {
      moved();
      return stream.write(chunks, release);
    },
    async close(reason) {
      await stream.close(reason);
      await end();
    },
    [Symbol.asyncIterator]: () => watched(stream[Symbol.asyncIterator](), moved),
  };
}

function watched(chunks: AsyncIterator<Uint8Array>, moved: () => void): AsyncIterator<Uint8Array> {
  return {
    async next() {
      const result = await chunks.next();
      moved();
      return result;
    },
    async return() {
      await chunks.return?.();
      return { done: true, value: undefined };
    },
  };
}
