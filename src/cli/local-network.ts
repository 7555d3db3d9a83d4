import { networkInterfaces } from "node:os";
import type { DatagramSocket, Endpoint } from "../core/contracts/datagram-socket.ts";
import { isLocalIp } from "../stun/ip-address.ts";
import { bindUdp } from "../transports/udp/datagram-socket.ts";
import { createUdx } from "../transports/udp/udx.ts";

/** What can be said of a machine's network without asking anybody. */
export interface LocalNetwork {
  readonly addresses: readonly LocalAddress[];
  /** Whether a datagram goes from one socket of this machine to another. */
  readonly loopback: boolean;
  /** Why `udp://` cannot be spoken here, if so. */
  readonly udxMissing: string | undefined;
}

/** An address of this machine. */
export interface LocalAddress {
  readonly interface: string;
  readonly host: string;
  /** Only a local network knows it. */
  readonly local: boolean;
}

/** Looks at this machine; sends to nobody else. */
export async function lookAtLocalNetwork(): Promise<LocalNetwork> {
  return { addresses: addresses(), loopback: await loops(), udxMissing: udxMissing() };
}

/** What it means, in sentences for people. */
export function localWords({ addresses, loopback, udxMissing }: LocalNetwork): readonly string[] {
  const open = addresses.filter(({ local }) => !local);
  const words = addresses.map(({ interface: name, host, local }) => {
    return `${name}: ${host}${local ? " (local networks only)" : ""}`;
  });
  if (addresses.length === 0) words.push("There is no network but this machine itself.");
  else if (open.length === 0) words.push("No address here is known outside: a router translates.");
  if (!loopback)
    words.push("UDP does not even pass inside this machine; a local firewall stops it.");
  if (udxMissing !== undefined) words.push(udxMissing);
  return words;
}

/** Whether an address is one of this machine. */
export function isOwnAddress({ host }: Endpoint): boolean {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.some(({ address }) => address === host);
}

function addresses(): readonly LocalAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
    all
      .filter(({ internal, address }) => !internal && !address.startsWith("fe80:"))
      .map(({ address: host }) => ({ interface: name, host, local: isLocalIp(host) })),
  );
}

const LOOPBACK_TIMEOUT_MS = 1_000;

async function loops(): Promise<boolean> {
  const place = { host: "127.0.0.1", port: 0 };
  const [one, other] = [await bindUdp(place), await bindUdp(place)];
  const heard = await hears(one, () => other.send(Uint8Array.of(1), one.address));
  await Promise.all([one.close(), other.close()]);
  return heard;
}

function hears(socket: DatagramSocket, send: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), LOOPBACK_TIMEOUT_MS);
    socket.receive(() => {
      clearTimeout(timer);
      resolve(true);
    });
    send();
  });
}

function udxMissing(): string | undefined {
  try {
    createUdx();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
