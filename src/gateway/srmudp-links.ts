import { openSrmudp } from "../transports/srmudp/open-srmudp.ts";
import type { SrmudpOptions } from "../transports/srmudp/options.ts";
import type { LinkOpener } from "./link.ts";
import { askStun } from "./public-address.ts";
import { SYSTEM_CLOCK } from "./system-clock.ts";

/** What may be said of the links of SRMUDP; whom they believe is said by each query. */
export type SrmudpLinkOptions = Omit<SrmudpOptions, "secret" | "pin" | "secretKey">;

/** Links to peers that speak SRMUDP, those of the Python library too. */
export function srmudpLinks(options: SrmudpLinkOptions = {}): LinkOpener {
  const { clock = SYSTEM_CLOCK } = options;
  return async ({ bind, remote, secret, onState }) => {
    const link = await openSrmudp({
      ...{ ...options, bind, remote },
      ...(secret && { secret }),
      onState(state) {
        if (state.state !== "waiting") onState(state);
      },
    });
    return {
      local: link.local,
      send: (message) => link.send(message),
      publicAddress: (servers) => askStun(link.stun, servers, clock),
      close: () => link.close(),
      [Symbol.asyncIterator]: () => link.messages[Symbol.asyncIterator](),
    };
  };
}
