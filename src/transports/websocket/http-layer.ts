import { Duplex } from "node:stream";
import type { Layer } from "../../core/contracts/layer.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type HttpLayerOptions, upgradeRules } from "./server-options.ts";
import { Upgrades } from "./upgrades.ts";

/**
 * HTTP on a port shared with others: requests to upgrade become WebSocket channels, all others
 * are answered by `request`. Also inside TLS, so one port serves `ws:` and `wss:`.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense.
 */
export function httpLayer(options: HttpLayerOptions = {}): Layer {
  const upgrades = new Upgrades(upgradeRules(options));
  return {
    name: "http",
    recognizes: startsRequest,
    close: () => upgrades.close(),
    async accept(channel, head) {
      const socket = channel.detach?.(head);
      if (!(socket instanceof Duplex)) {
        throw new SealwireError("UNSUPPORTED", "HTTP needs a channel over a socket of Node");
      }
      const { remote, protection } = channel;
      return upgrades.accept({ socket, remote, ...(protection && { protection }) });
    },
  };
}

const METHODS = ["GET ", "POST", "HEAD", "PUT ", "OPTI", "DELE", "PATC"];

function startsRequest(head: Uint8Array): boolean | undefined {
  const start = String.fromCharCode(...head.subarray(0, 4));
  if (!METHODS.some((method) => method.startsWith(start))) return false;
  return start.length === 4 ? true : undefined;
}
