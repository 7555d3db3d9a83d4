import { parseGreeting } from "../../src/transports/srmudp/greeting-datagrams.ts";
import type { OpenSrmudpOptions } from "../../src/transports/srmudp/open-srmudp.ts";
import type { Network } from "./network.ts";
import { Original } from "./original.ts";
import { FAR, isEstablished, NEAR, network, opened, type Peer } from "./peers.ts";

/** A link of ours and an original. */
export interface Met {
  readonly between: Network;
  readonly ours: Peer;
  readonly original: Original;
}

/** Ours and an original that has just punched for the first time. */
export async function met(options: Partial<OpenSrmudpOptions> = {}): Promise<Met> {
  const between = network();
  const original = new Original(between, FAR, NEAR);
  const ours = await opened(between, NEAR, FAR, options);
  return { between, ours, original };
}

/** The same after greeting and probes: data may flow. */
export async function ready(options: Partial<OpenSrmudpOptions> = {}): Promise<Met> {
  const all = await met(options);
  await all.between.until(() => isEstablished(all.ours), 3_000);
  await all.original.probePath();
  await all.between.pass(300);
  return all;
}

/** What greetings these are; `undefined` for what is none. */
export function stages(datagrams: readonly Uint8Array[]): (string | undefined)[] {
  return datagrams.map((bytes) => parseGreeting(bytes)?.stage);
}

/** Draws a session key for the public key of ours that it has heard. */
export function offerTo(original: Original): void {
  const greetings = original.heard.map(parseGreeting);
  const key = greetings.find((greeting) => greeting?.stage === "public-key");
  if (key?.stage !== "public-key") throw new Error("no key was heard");
  original.offer(key.pem);
}

/** Text as bytes. */
export function text(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}
