import { join } from "../../src/bytes/join.ts";
import type { Endpoint } from "../../src/core/contracts/datagram-socket.ts";
import type { Channel } from "../../src/core/contracts/transport.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import {
  type AgreedPath,
  type UdpChannel,
  type UdpEndpoint,
  type UdpNetwork,
  udpNetwork,
} from "../../src/transports/udp/index.ts";

export const HERE: Endpoint = { host: "127.0.0.1", port: 0 };
export const OVER: SealwireError = new SealwireError("CANCELLED", "the test is over");
const bound: UdpEndpoint[] = [];
const open: Channel[] = [];

/** Closes a channel after the test too. */
export function keep(channel: Channel): void {
  open.push(channel);
}

/** What every test ends with. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((channel) => channel.close(OVER)));
  await Promise.all(bound.splice(0).map((endpoint) => endpoint.close()));
}

/** An endpoint that is closed after the test. */
export function bind(network: UdpNetwork = udpNetwork(), place: Endpoint = HERE): UdpEndpoint {
  const endpoint = network.bind(place);
  bound.push(endpoint);
  return endpoint;
}

/** A channel from `near` to `far`, and its other end. */
export async function opened(
  near: UdpEndpoint,
  far: UdpEndpoint,
): Promise<[UdpChannel, UdpChannel]> {
  const arrivals = far.accept();
  const { signal } = new AbortController();
  const opening = near.open(far.address, { signal });
  const arrival = await arrivals[Symbol.asyncIterator]().next();
  const channel = await opening;
  open.push(channel, arrival.value);
  return [channel, arrival.value];
}

/** Reads at least so many bytes, or to the end. */
export async function read(channel: Channel, length: number): Promise<Uint8Array> {
  const chunks = channel[Symbol.asyncIterator]();
  const got: Uint8Array[] = [];
  for (let left = length; left > 0; ) {
    const { done, value } = await chunks.next();
    if (done) break;
    got.push(value);
    left -= value.length;
  }
  return join(got);
}

/** What one side of two has agreed on. */
export const agreed = (
  remote: Endpoint,
  ours: number,
  theirs: number,
  initiator: boolean,
): AgreedPath => ({
  ...{ remote, initiator, secret: new Uint8Array(32).fill(3) },
  localStream: ours,
  remoteStream: theirs,
});

/** Two ends that have agreed. */
export function attached(near: UdpEndpoint, far: UdpEndpoint): [UdpChannel, UdpChannel] {
  const both: [UdpChannel, UdpChannel] = [
    near.attach(agreed(far.address, 1_001, 2_002, true)),
    far.attach(agreed(near.address, 2_002, 1_001, false)),
  ];
  open.push(...both);
  return both;
}

/** Until it is so; vitest's own limit ends it otherwise. */
export async function until(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((resolve) => setImmediate(resolve));
}
