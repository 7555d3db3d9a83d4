import type { PoolMember } from "./pool-member.ts";

/**
 * Which member gets a call. `round-robin`: one after the other. `random`: any. `least-latency`: the
 * one whose last pings came back fastest.
 */
export type PoolChoice = (typeof POOL_CHOICES)[number];

/** All of them. */
export const POOL_CHOICES = ["round-robin", "random", "least-latency"] as const;

/** The members that can be used, the one to try first at the front. */
export type Order = <Kind extends PoolMember>(members: readonly Kind[]) => readonly Kind[];

/** How members are put in order; each pool has its own, as turns are counted. */
export function orderFor(choice: PoolChoice, random: () => number): Order {
  if (choice === "random") {
    return (members) => turned(members, Math.floor(random() * members.length));
  }
  if (choice === "least-latency") return (members) => [...members].sort(byLatency);
  let turn = 0;
  return (members) => turned(members, turn++ % Math.max(1, members.length));
}

function turned<Kind>(members: readonly Kind[], by: number): readonly Kind[] {
  return [...members.slice(by), ...members.slice(0, by)];
}

function byLatency(one: PoolMember, other: PoolMember): number {
  return (one.latencyMs ?? Number.MAX_VALUE) - (other.latencyMs ?? Number.MAX_VALUE);
}
