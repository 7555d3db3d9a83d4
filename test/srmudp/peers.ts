import type { Endpoint } from "../../src/core/contracts/datagram-socket.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import type { LinkState } from "../../src/transports/srmudp/link-state.ts";
import {
  type OpenSrmudpOptions,
  openSrmudp,
  type SrmudpLink,
} from "../../src/transports/srmudp/open-srmudp.ts";
import { Network, type Weather } from "./network.ts";

/** Where the two ends are. */
export const NEAR: Endpoint = { host: "192.0.2.1", port: 1001 };
export const FAR: Endpoint = { host: "192.0.2.2", port: 1002 };

/** A link with what it has told and received. */
export interface Peer {
  readonly link: SrmudpLink;
  readonly states: LinkState[];
  readonly received: Uint8Array[];
}

/** Two ends in one network. */
export interface Two {
  readonly network: Network;
  readonly near: Peer;
  readonly far: Peer;
}

export function network(weather: Weather = {}, seed = 1): Network {
  return new Network(manualClock(1_700_000_000_000), weather, seed);
}

/** A link of ours between two places. */
export async function opened(
  network: Network,
  here: Endpoint,
  there: Endpoint,
  options: Partial<OpenSrmudpOptions> = {},
): Promise<Peer> {
  const states: LinkState[] = [];
  const received: Uint8Array[] = [];
  const link = await openSrmudp({
    clock: network.clock,
    remote: there,
    socket: network.socket(here),
    onState: (state) => states.push(state),
    ...options,
  });
  void (async () => {
    try {
      for await (const message of link.messages) received.push(message);
    } catch {
      // How it ended is told by the states.
    }
  })();
  return { link, states, received };
}

/** Two links of ours that know of each other, not established yet. */
export async function two(
  weather: Weather = {},
  seed = 1,
  options: Partial<OpenSrmudpOptions> = {},
): Promise<Two> {
  const between = network(weather, seed);
  const near = await opened(between, NEAR, FAR, options);
  const far = await opened(between, FAR, NEAR, options);
  return { network: between, near, far };
}

/** The same, established. */
export async function established(
  weather: Weather = {},
  seed = 1,
  options: Partial<OpenSrmudpOptions> = {},
): Promise<Two> {
  const both = await two(weather, seed, options);
  await both.network.until(() => isEstablished(both.near) && isEstablished(both.far), 10_000);
  return both;
}

export function isEstablished({ link }: Peer): boolean {
  return link.state.state === "established";
}

/** Bytes that show whether they were moved. */
export function pattern(length: number, factor = 7): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * factor) % 251);
}
