import type { Platform } from "../core/contracts/platform.ts";
import type { ConnectionSetup } from "../core/engine/connection-setup.ts";
import type { Events } from "./events.ts";
import type { ServerConfig } from "./options.ts";

/** The parts of a server that its connections reach. */
export interface SetupParts
  extends Pick<ConnectionSetup, "context" | "router" | "authorize" | "onClosed"> {
  readonly events: Events;
}

/** What all connections of a server have in common, made once. */
export function connectionSetup(
  { logger, limits, heartbeat, callTimeoutMs, handlerTimeoutMs }: ServerConfig,
  { clock, turn }: Platform,
  { context, router, events, authorize, onClosed }: SetupParts,
): ConnectionSetup {
  return {
    ...{ clock, turn, limits, logger, heartbeat, callTimeoutMs, handlerTimeoutMs },
    ...{ context, router, authorize, onClosed },
    onEvent: (name, data, from) => events.receive(name, data, from),
    onGoodbye: () => {},
    onDrained: (drained) => events.flush(drained),
  };
}
