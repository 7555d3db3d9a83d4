import type { Channel } from "../../core/contracts/transport.ts";
import { endpointText } from "../../core/engine/endpoint-text.ts";
import type { Link } from "./link.ts";

/**
 * A link as a channel: one chunk is one message. It ends when its session does, because what was
 * on its way is lost then, and a channel has no gaps. `released` gives back what is below.
 */
export function linkChannel(link: Link, released?: () => Promise<void>): Channel {
  return {
    boundaries: "kept",
    remote: endpointText(link.remote),
    protection: { by: "srmudp" },
    write(chunks, release) {
      let left = chunks.length;
      if (left === 0) release?.();
      const settled = () => {
        left -= 1;
        if (left === 0) release?.();
      };
      for (const chunk of chunks) link.post(chunk, settled);
      return link.room();
    },
    async close(reason) {
      await link.close(reason);
      await released?.();
    },
    [Symbol.asyncIterator]: () => link.messages,
  };
}
