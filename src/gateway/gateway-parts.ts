import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { withDefaults } from "../core/engine/check-options.ts";
import { webSocketLimits } from "../transports/websocket/options.ts";
import { Upgrader } from "../transports/websocket/upgrader.ts";
import { Admission } from "./admission.ts";
import { House } from "./house.ts";
import type { LinkMode, LinkOpener } from "./link.ts";
import { nativeLinks } from "./native-links.ts";
import type { GatewaySettings } from "./options.ts";
import { Registry } from "./registry.ts";
import { srmudpLinks } from "./srmudp-links.ts";
import { stunServers } from "./stun-servers.ts";
import { guardTargets, type TargetGuard } from "./targets.ts";

/** What the parts of a proxy share. */
export interface GatewayParts {
  readonly settings: GatewaySettings;
  readonly admission: Admission;
  readonly house: House;
  readonly registry: Registry;
  readonly guard: TargetGuard;
  readonly upgrader: Upgrader;
  readonly stunServers: () => Promise<readonly Endpoint[]>;
  opener(mode: LinkMode): LinkOpener;
}

/** @throws `INVALID_ARGUMENT` for a target or a server that cannot be read. */
export function gatewayParts(settings: GatewaySettings): GatewayParts {
  const { limits, clock } = settings;
  const links = withDefaults(
    { srmudp: srmudpLinks(settings.srmudp), udp: nativeLinks() },
    settings.links,
  );
  return {
    settings,
    admission: new Admission(settings.authenticator, clock, limits.ticketLifetimeMs),
    house: new House(limits, clock),
    registry: new Registry(),
    guard: guardTargets(settings),
    upgrader: new Upgrader({
      limits: webSocketLimits({
        // Base64 and the signs that JSON escapes make a message longer.
        maxFrameBytes: limits.maxMessageBytes * 2 + 65_536,
      }),
      clock,
      intervalMs: limits.heartbeatIntervalMs,
      timeoutMs: limits.heartbeatTimeoutMs,
    }),
    stunServers: stunServers(settings),
    opener: (mode) => links[mode],
  };
}
